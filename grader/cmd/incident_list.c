/* incident_list.c - `deepend incident list`: every incident, with the learner's state. */
#include "cmd/arguments.h"
#include "cmd/incident.h"
#include "cmd/work.h"
#include "report/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

json_t *incidents_json(struct session *session, const struct catalog *catalog)
{
    json_t *list = json_array();

    for (size_t i = 0; i < catalog->exercise_count; i++) {
        const struct exercise *e = catalog->exercises[i];
        json_array_append_new(list,
                              json_pack("{s:s, s:s, s:s, s:s, s:s, s:o}", "id", e->id, "title", e->title,
                                        "level", level_name(e->level), "incident", e->incident->catalogue,
                                        "state", state_name(session_progress(session, e).state), "covers",
                                        json_strings(e->covers, e->cover_count)));
    }
    return list;
}

static void print_list(struct session *session, const struct catalog *catalog)
{
    static const char *const marks[] = {[STATE_NEW] = "[ ]", [STATE_STARTED] = "[~]", [STATE_PASSED] = "[x]"};

    for (size_t i = 0; i < catalog->exercise_count; i++) {
        const struct exercise *e = catalog->exercises[i];
        printf("  %s %3d  %-7s %3u min  %s\n", marks[session_progress(session, e).state],
               atoi(strchr(e->id, '/') + 1), level_name(e->level), e->minutes, e->title);
    }
    if (catalog->exercise_count == 0)
        printf("There are no incidents here yet.\n");
    else
        printf("\n[x] passed  [~] begun  [ ] new. Begin: %s incident show %d\n", program_name(),
               atoi(strchr(catalog->exercises[0]->id, '/') + 1));
}

enum exit_status incident_list(struct session *session, int argc, char **argv)
{
    int json = 0;
    const struct option_rule options[] = {{"json", NULL, &json, NULL, "the same as JSON"}, {0}};
    const struct usage usage = {"incident list [--json]",
                                "Lists every incident: whether you have passed it, its level, how long it "
                                "takes.\n",
                                "incident list",
                                options,
                                0,
                                0};
    struct arguments given;
    struct error err;

    if (!arguments_parse(&usage, argc, argv, &given))
        return given.status;
    session->incidents = 1;
    const struct catalog *catalog = session_catalog(session, &err);
    if (!catalog)
        return cmd_error(&err);
    if (json)
        output_json(json_pack("{s:o}", "incidents", incidents_json(session, catalog)));
    else
        print_list(session, catalog);
    return EXIT_GOOD;
}
