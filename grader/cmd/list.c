/* list.c - `deepend list`: the ladder with the learner's state, and the incidents. */
#include "cmd/arguments.h"
#include "cmd/incident.h"
#include "cmd/work.h"
#include "report/text.h"

#include <stdio.h>
#include <string.h>
#include <talloc.h>

/* --- for people ---------------------------------------------------------------------------------------- */

static const struct {
    const char *text; /* the state is readable without colour too */
    enum accent accent;
} marks[] = {[STATE_NEW] = {"[ ]", ACCENT_NONE},
             [STATE_STARTED] = {"[~]", ACCENT_YELLOW},
             [STATE_PASSED] = {"[x]", ACCENT_GREEN}};

static int longest_id(const struct catalog *catalog)
{
    size_t longest = 0;
    for (size_t i = 0; i < catalog->exercise_count; i++)
        if (strlen(catalog->exercises[i]->id) > longest)
            longest = strlen(catalog->exercises[i]->id);
    return (int)longest;
}

/* "10/10" once there is an attempt to have a score. */
static const char *score_text(void *mem, const struct exercise *exercise, const struct progress *progress)
{
    if (progress->attempts == 0)
        return "";
    return talloc_asprintf(mem, "%u/%u", progress->best_score, exercise_max_score(exercise));
}

static void print_exercise(struct session *session, const struct report_style *style,
                           const struct exercise *exercise, int id_width)
{
    struct progress progress = session_progress(session, exercise);

    printf("  %s %-*s %3u min %7s  %s%s\n",
           text_paint(session->mem, style, marks[progress.state].accent, marks[progress.state].text),
           id_width, exercise->id, exercise->minutes, score_text(session->mem, exercise, &progress),
           exercise->title, progress.gave_up ? " (solution seen)" : "");
}

static void print_ladder(struct session *session, const struct catalog *catalog)
{
    struct report_style style = output_style();
    int id_width = longest_id(catalog);

    for (size_t i = 0; i < catalog->exercise_count; i++) {
        const struct exercise *exercise = catalog->exercises[i];
        if (i == 0 || catalog->exercises[i - 1]->level != exercise->level)
            printf("%s%s\n", i == 0 ? "" : "\n",
                   text_paint(session->mem, &style, ACCENT_BOLD, level_name(exercise->level)));
        print_exercise(session, &style, exercise, id_width);
    }
    if (catalog->exercise_count == 0)
        printf("There are no exercises here yet.\n");
}

static void print_list(struct session *session, const struct catalog *catalog,
                       const struct catalog *incidents)
{
    struct report_style style = output_style();

    print_ladder(session, catalog);
    if (incidents->exercise_count > 0) {
        printf("\n%s\n", text_paint(session->mem, &style, ACCENT_BOLD, "incidents"));
        incidents_print(session, incidents);
    }
    if (catalog->exercise_count + incidents->exercise_count > 0)
        printf("\n[x] passed  [~] begun  [ ] new; the points are your best.\n");
    if (incidents->exercise_count > 0)
        printf("An incident begins with `%s incident show %s`.\n", program_name(),
               exercise_short(session->mem, incidents->exercises[0]));
}

/* --- for programs -------------------------------------------------------------------------------------- */

static json_t *exercise_json(struct session *session, const struct exercise *exercise)
{
    return json_pack("{s:s, s:s, s:s, s:s, s:s, s:o}", "id", exercise->id, "title", exercise->title, "level",
                     level_name(exercise->level), "kind", kind_name(exercise->kind), "state",
                     state_name(session_progress(session, exercise).state), "covers",
                     json_strings(exercise->covers, exercise->cover_count));
}

static json_t *list_json(struct session *session, const struct catalog *catalog,
                         const struct catalog *incidents)
{
    json_t *exercises = json_array();

    for (size_t i = 0; i < catalog->exercise_count; i++)
        json_array_append_new(exercises, exercise_json(session, catalog->exercises[i]));
    return json_pack("{s:o, s:o}", "exercises", exercises, "incidents", incidents_json(session, incidents));
}

enum exit_status cmd_list(struct session *session, int argc, char **argv)
{
    int json = 0;
    const struct option_rule options[] = {{"json", NULL, &json, NULL, "the same as JSON"}, {0}};
    const struct usage usage = {
        "list [--json]",
        "Lists every exercise, from junior to staff, and the incidents: whether you have passed\n"
        "it, how long it takes, your best score. Where a verb wants an ID, any part of it that is not\n"
        "ambiguous will do: junior/1, captured.\n",
        "list",
        options,
        0,
        0};
    struct arguments given;
    struct error err;

    if (!arguments_parse(&usage, argc, argv, &given))
        return given.status;
    const struct catalog *catalog = session_catalog(session, &err);
    const struct catalog *incidents = catalog ? session_incidents(session, &err) : NULL;
    if (!incidents)
        return cmd_error(&err);
    if (json)
        output_json(list_json(session, catalog, incidents));
    else
        print_list(session, catalog, incidents);
    return EXIT_GOOD;
}
