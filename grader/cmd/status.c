/* status.c - `deepend` alone: where am I, what is next, what to type. One screen. */
#include "cmd/arguments.h"
#include "cmd/cmd.h"
#include "cmd/work.h"
#include "report/text.h"

#include <stdio.h>
#include <string.h>
#include <talloc.h>

enum { LEVELS = LEVEL_STAFF + 1, BAR = 20 };

/* How far one level is. */
struct tally {
    unsigned passed, total;
};

static void count(struct session *session, const struct exercise *exercise, struct tally *tally)
{
    tally->total++;
    tally->passed += session_progress(session, exercise).state == STATE_PASSED;
}

static struct tally count_level(struct session *session, const struct catalog *catalog,
                                enum exercise_level level)
{
    struct tally tally = {0};

    for (size_t i = 0; i < catalog->exercise_count; i++)
        if (catalog->exercises[i]->level == level)
            count(session, catalog->exercises[i], &tally);
    return tally;
}

/* All levels together, for the incidents. */
static struct tally count_all(struct session *session, const struct catalog *catalog)
{
    struct tally tally = {0};

    for (size_t i = 0; i < catalog->exercise_count; i++)
        count(session, catalog->exercises[i], &tally);
    return tally;
}

/* --- for people ---------------------------------------------------------------------------------------- */

/* TALLY has at least one exercise. */
static void print_level(const struct report_style *style, const char *name, struct tally tally)
{
    char bar[BAR + 1];
    unsigned full = BAR * tally.passed / tally.total;

    for (unsigned i = 0; i < BAR; i++)
        bar[i] = i < full ? '#' : '.';
    bar[BAR] = '\0';
    void *mem = talloc_new(NULL);
    int done = tally.passed == tally.total;
    printf("  %-9s %s  %u of %u passed\n", name,
           text_paint(mem, style, done ? ACCENT_GREEN : ACCENT_NONE, bar), tally.passed, tally.total);
    talloc_free(mem);
}

static void print_commands(const char *name)
{
    printf("  %s show %-12s  the task\n", program_name(), name);
    printf("  %s watch %-12s grades it at every save of your file\n", program_name(), name);
    printf("  %s hint %-12s  when you are stuck\n", program_name(), name);
}

static void print_next(struct session *session, const struct report_style *style, const struct exercise *next)
{
    struct error err;
    struct progress progress = session_progress(session, next);
    int begun = progress.attempts > 0;
    char *file = work_file(session, next, &err);

    printf("\n%s: %s\n", begun ? "Go on with" : "Next",
           text_paint(session->mem, style, ACCENT_BOLD, next->title));
    printf("  %s, about %u minutes", next->id, next->minutes);
    if (begun)
        printf(", best so far %u of %u points", progress.best_score, exercise_max_score(next));
    printf("\n\n");
    if (file)
        printf("  your file: %s\n\n",
               text_paint(session->mem, style, ACCENT_CYAN, path_shown(session->mem, file)));
    else
        cmd_error(&err);
    print_commands(exercise_short(session->mem, next));
}

static void print_all_passed(size_t count)
{
    if (count == 0)
        printf("\nThere are no exercises here yet.\n");
    else
        printf("\nEvery exercise is passed. `%s list` shows them; `%s reset ID` begins one anew.\n",
               program_name(), program_name());
}

static void print_screen(struct session *session, const struct catalog *catalog,
                         const struct catalog *incidents, const struct exercise *next)
{
    struct report_style style = output_style();

    printf("%s: worker pools and concurrency in C\n\n",
           text_paint(session->mem, &style, ACCENT_BOLD, "Deep End"));
    for (unsigned level = 0; level < LEVELS; level++) {
        struct tally tally = count_level(session, catalog, level);
        if (tally.total > 0)
            print_level(&style, level_name(level), tally);
    }
    if (incidents->exercise_count > 0)
        print_level(&style, "incidents", count_all(session, incidents));
    if (next)
        print_next(session, &style, next);
    else
        print_all_passed(catalog->exercise_count);
    if (incidents->exercise_count > 0)
        printf("  %s incident list      production incidents that replay\n", program_name());
}

/* --- for programs -------------------------------------------------------------------------------------- */

static json_t *next_json(struct session *session, const struct exercise *next)
{
    if (!next)
        return json_null();
    return json_pack("{s:s, s:s, s:s, s:s, s:i, s:s, s:s}", "id", next->id, "title", next->title, "level",
                     level_name(next->level), "kind", kind_name(next->kind), "minutes", (int)next->minutes,
                     "state", state_name(session_progress(session, next).state), "file",
                     work_path(session, next));
}

static json_t *status_json(struct session *session, const struct catalog *catalog,
                           const struct catalog *incidents, const struct exercise *next)
{
    json_t *levels = json_array();
    struct tally all = count_all(session, incidents);

    for (unsigned level = 0; level < LEVELS; level++) {
        struct tally tally = count_level(session, catalog, level);
        json_array_append_new(levels, json_pack("{s:s, s:i, s:i}", "level", level_name(level), "passed",
                                                (int)tally.passed, "total", (int)tally.total));
    }
    return json_pack("{s:s, s:o, s:{s:i, s:i}, s:o}", "schema", "deepend/status/1", "levels", levels,
                     "incidents", "passed", (int)all.passed, "total", (int)all.total, "next",
                     next_json(session, next));
}

enum exit_status cmd_status(struct session *session, int argc, char **argv)
{
    int json = 0;
    const struct option_rule options[] = {{"json", NULL, &json, NULL, "the same as JSON"}, {0}};
    const struct usage usage = {
        "status [--json]",
        "Shows how far you are, which exercise comes next, where your file for it is\n"
        "and what to type. The program alone, without a verb, does the same.\n",
        "status",
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
    const struct exercise *next = session_next(session, &err);
    if (json)
        output_json(status_json(session, catalog, incidents, next));
    else
        print_screen(session, catalog, incidents, next);
    return EXIT_GOOD;
}
