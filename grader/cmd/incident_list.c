/* incident_list.c - `deepend incident list`: every incident, with the learner's state. */
#include "cmd/arguments.h"
#include "cmd/diagnosis.h"
#include "cmd/incident.h"
#include "cmd/work.h"
#include "report/text.h"

#include <stdio.h>
#include <talloc.h>

/* A diagnosis is a beginning, too. */
static enum progress_state state_of(const struct progress *progress, const struct progress *diagnosis)
{
    return progress->state == STATE_NEW && diagnosis->attempts > 0 ? STATE_STARTED : progress->state;
}

/* --- for programs -------------------------------------------------------------------------------------- */

static json_t *incident_json(struct session *session, const struct exercise *e)
{
    struct progress progress = session_progress(session, e);
    struct progress diagnosis = incident_diagnosis(session, e->incident);
    json_t *object = json_pack("{s:s, s:s, s:s, s:s, s:s, s:o}", "id", e->id, "title", e->title, "level",
                               level_name(e->level), "incident", e->incident->catalogue, "state",
                               state_name(state_of(&progress, &diagnosis)), "covers",
                               json_strings(e->covers, e->cover_count));

    json_object_set_new(object, "diagnosis",
                        json_pack("{s:s, s:i}", "state", state_name(diagnosis.state), "best_score",
                                  (int)diagnosis.best_score));
    return object;
}

json_t *incidents_json(struct session *session, const struct catalog *catalog)
{
    json_t *list = json_array();

    for (size_t i = 0; i < catalog->exercise_count; i++)
        json_array_append_new(list, incident_json(session, catalog->exercises[i]));
    return list;
}

/* --- for people ---------------------------------------------------------------------------------------- */

static const struct {
    const char *text;
    enum accent accent;
} marks[] = {[STATE_NEW] = {"[ ]", ACCENT_NONE},
             [STATE_STARTED] = {"[~]", ACCENT_YELLOW},
             [STATE_PASSED] = {"[x]", ACCENT_GREEN}};

/* What there is to say behind the title: the diagnosis, when there is one, and a look at the story. */
static const char *remarks(void *mem, const struct progress *progress, const struct progress *diagnosis)
{
    char *text = talloc_strdup(mem, "");

    if (diagnosis->attempts > 0)
        text = talloc_asprintf_append(text, " (diagnosis %u/%u)", diagnosis->best_score,
                                      (unsigned)DIAGNOSIS_POINTS);
    return progress->gave_up ? talloc_asprintf_append(text, " (postmortem seen)") : text;
}

static void print_incident(struct session *session, const struct report_style *style,
                           const struct exercise *e)
{
    void *mem = session->mem;
    struct progress progress = session_progress(session, e);
    struct progress diagnosis = incident_diagnosis(session, e->incident);
    enum progress_state state = state_of(&progress, &diagnosis);
    const char *score =
        progress.attempts ? talloc_asprintf(mem, "%u/%u", progress.best_score, exercise_max_score(e)) : "";

    printf("  %s %3s  %-7s %3u min %7s  %s%s\n",
           text_paint(mem, style, marks[state].accent, marks[state].text), exercise_short(mem, e),
           level_name(e->level), e->minutes, score, e->title, remarks(mem, &progress, &diagnosis));
}

void incidents_print(struct session *session, const struct catalog *catalog)
{
    struct report_style style = output_style();

    for (size_t i = 0; i < catalog->exercise_count; i++)
        print_incident(session, &style, catalog->exercises[i]);
}

static void print_list(struct session *session, const struct catalog *catalog)
{
    incidents_print(session, catalog);
    if (catalog->exercise_count == 0)
        printf("There are no incidents here yet.\n");
    else
        printf("\n[x] passed  [~] begun  [ ] new; the points are your best. Begin: %s incident show %s\n",
               program_name(), exercise_short(session->mem, catalog->exercises[0]));
}

/* --- the verb ------------------------------------------------------------------------------------------ */

enum exit_status incident_list(struct session *session, int argc, char **argv)
{
    int json = 0;
    const struct option_rule options[] = {{"json", NULL, &json, NULL, "the same as JSON"}, {0}};
    const struct usage usage = {"incident list [--json]",
                                "Lists every incident: whether you have passed it, its level, how long it\n"
                                "takes, your best score, and how well you knew what it was.\n",
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
