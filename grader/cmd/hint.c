/* hint.c - `deepend hint ID`: one hint more, from a nudge to the idea. The store counts how many were shown.
 */
#include "catalog/hints.h"
#include "cmd/arguments.h"
#include "cmd/cmd.h"
#include "cmd/work.h"
#include "report/text.h"

#include <stdio.h>
#include <talloc.h>

/* The hints of one exercise, and those to show now: from FIRST on, COUNT of them. */
struct showing {
    const struct exercise *exercise;
    struct hint *hints;
    size_t total;
    size_t seen; /* before this call */
    size_t first, count;
};

/* --- for people ---------------------------------------------------------------------------------------- */

static void print_hint(struct session *session, const struct report_style *style,
                       const struct showing *showing, size_t i)
{
    const struct hint *hint = &showing->hints[i];
    char *head = talloc_asprintf(session->mem, "Hint %zu of %zu: %s", i + 1, showing->total, hint->title);

    printf("%s\n\n", text_paint(session->mem, style, ACCENT_BOLD, head));
    report_markdown(stdout, hint->body, style);
    printf("\n");
}

/* What there is behind the hints that have been shown. */
static void print_rest(struct session *session, const struct showing *showing)
{
    const char *name = exercise_short(session->mem, showing->exercise);
    size_t shown = showing->first + showing->count;

    if (shown == 0)
        printf("No hint of %s has been shown yet. `%s hint %s` shows the first of %zu.\n",
               showing->exercise->id, program_name(), name, showing->total);
    else if (shown < showing->total)
        printf("%zu more: `%s hint %s` again.\n", showing->total - shown, program_name(), name);
    else if (showing->count > 0)
        printf("That was the last one.\n");
    else
        printf("All %zu hints of %s have been shown. `%s hint %s --all` shows them again;\n"
               "`%s solution %s --give-up` shows how it is done.\n",
               showing->total, showing->exercise->id, program_name(), name, program_name(), name);
}

static void print_hints(struct session *session, const struct showing *showing)
{
    struct report_style style = output_style();

    for (size_t i = 0; i < showing->count; i++)
        print_hint(session, &style, showing, showing->first + i);
    print_rest(session, showing);
}

/* --- for programs -------------------------------------------------------------------------------------- */

static json_t *hints_json(const struct showing *showing)
{
    json_t *hints = json_array();

    for (size_t i = showing->first; i < showing->first + showing->count; i++)
        json_array_append_new(hints, json_pack("{s:i, s:s, s:s}", "number", (int)i + 1, "title",
                                               showing->hints[i].title, "text", showing->hints[i].body));
    size_t shown = showing->first + showing->count;
    return json_pack("{s:s, s:s, s:i, s:i, s:o}", "schema", "deepend/hint/1", "id", showing->exercise->id,
                     "total", (int)showing->total, "shown", (int)shown, "hints", hints);
}

/* --- the verb ------------------------------------------------------------------------------------------ */

/* Read the hints and settle which to show: those seen already, or the next. -1 with err. */
static int choose(struct session *session, int again, struct showing *showing, struct error *err)
{
    char *text = exercise_text(session, showing->exercise, "hints.md", err);
    if (!text)
        return -1;
    showing->total = hints_split(session->mem, text, &showing->hints);
    showing->seen = session_progress(session, showing->exercise).hints;
    if (showing->seen > showing->total)
        showing->seen = showing->total; /* the file has become shorter */
    showing->first = again ? 0 : showing->seen;
    showing->count = again ? showing->seen : showing->seen < showing->total;
    return 0;
}

/* Count one hint more. Shown is shown, so a failure is only told. */
static void record(struct session *session, const struct exercise *exercise)
{
    struct error err;
    struct store *store = session_store(session);

    if (store && store_hint(store, exercise->id, &err) != 0)
        cmd_error(&err);
}

enum exit_status cmd_hint(struct session *session, int argc, char **argv)
{
    int json = 0, all = 0;
    const struct option_rule options[] = {{"all", NULL, &all, NULL, "those that you have seen, once more"},
                                          {"json", NULL, &json, NULL, "the same as JSON"},
                                          {0}};
    const struct usage usage = {
        "hint [ID] [--all]",
        "Shows the next hint of an exercise: first a question to ask yourself, at last the\n"
        "idea; never the answer. How many you took is kept. Without an ID, the exercise\n"
        "that you are at.\n",
        "hint junior/1\nhint junior/1 --all  the ones already shown",
        options,
        0,
        1};
    struct arguments given;
    struct showing showing = {0};
    struct error err;

    if (!arguments_parse(&usage, argc, argv, &given))
        return given.status;
    showing.exercise = session_exercise(session, given.operands[0], &err);
    if (!showing.exercise || choose(session, all, &showing, &err) != 0)
        return cmd_error(&err);
    if (json)
        output_json(hints_json(&showing));
    else
        print_hints(session, &showing);
    if (!all && showing.count > 0)
        record(session, showing.exercise);
    return EXIT_GOOD;
}
