/* incident_postmortem.c - `deepend incident postmortem`: what it was, the repair beside what was running, and
 * what the other fixes did. After a pass, or on --give-up. */
#include "cmd/arguments.h"
#include "cmd/difference.h"
#include "cmd/incident.h"
#include "cmd/work.h"
#include "report/text.h"

#include <stdio.h>
#include <string.h>
#include <talloc.h>

struct postmortem {
    char *text; /* postmortem.md */
    char *shipped, *fixed;
};

static int read_postmortem(struct session *session, const struct incident *incident,
                           struct postmortem *postmortem, struct error *err)
{
    const struct exercise *exercise = &incident->exercise;

    postmortem->text = exercise_text(session, exercise, "postmortem.md", err);
    postmortem->shipped = postmortem->text ? exercise_starter(session, exercise, err) : NULL;
    postmortem->fixed = postmortem->shipped ? exercise_text(session, exercise, "fixed.c", err) : NULL;
    return postmortem->fixed ? 0 : -1;
}

/* "more-workers" of ".../wrong/more-workers.c". */
static char *fix_name(void *mem, const struct mutant *wrong)
{
    const char *name = strrchr(wrong->file, '/') + 1;

    return talloc_strndup(mem, name, strlen(name) - strlen(".c"));
}

/* --- for people ---------------------------------------------------------------------------------------- */

static void print_repair(void *mem, const struct report_style *style, const struct postmortem *postmortem,
                         const char *file)
{
    struct difference_line *lines;
    size_t count = difference(mem, postmortem->shipped, postmortem->fixed, &lines);
    char *title = talloc_asprintf(mem, "The repair: %s as it was running (-), and as it is now (+)", file);

    printf("\n%s\n\n", text_paint(mem, style, ACCENT_BOLD, title));
    for (size_t i = 0; i < count; i++) {
        enum accent accent = lines[i].sign == '+'   ? ACCENT_GREEN
                             : lines[i].sign == '-' ? ACCENT_RED
                                                    : ACCENT_NONE;
        char *line = talloc_asprintf(mem, "%c %.*s", lines[i].sign, lines[i].length, lines[i].text);
        printf("  %s\n", text_paint(mem, style, accent, line));
    }
}

/* "backlog, not-late": the lines of the objective that it fails. */
static char *fails_text(void *mem, const struct mutant *wrong)
{
    char *text = talloc_strdup(mem, "");

    for (size_t i = 0; i < wrong->fail_count; i++)
        text = talloc_asprintf_append(text, "%s%s", i ? ", " : "", wrong->fails[i]);
    return text;
}

/* The first of the known-wrong answers is what was shipped; it needs no naming here. */
static void print_wrong(void *mem, const struct report_style *style, const struct exercise *exercise)
{
    const char *folder = path_shown(mem, exercise->directory);

    printf("\n%s\n\n", text_paint(mem, style, ACCENT_BOLD, "What people try first, and what it did"));
    for (size_t i = 1; i < exercise->mutant_count; i++) {
        const struct mutant *wrong = &exercise->mutants[i];
        size_t length = strlen(wrong->why); /* with a full stop or without */
        length -= length > 0 && wrong->why[length - 1] == '.';
        char *line = talloc_asprintf(mem, "%s: %.*s. It fails %s (%s).", fix_name(mem, wrong), (int)length,
                                     wrong->why, fails_text(mem, wrong), class_name(wrong->class));
        text_wrap(stdout, line, "  - ", "    ", style->width);
    }
    if (exercise->mutant_count > 1)
        printf("\n  To watch one: %s incident replay %s --submission %s/wrong/%s.c\n", program_name(),
               exercise_short(mem, exercise), folder, fix_name(mem, &exercise->mutants[1]));
}

static void print_all(struct session *session, const struct incident *incident,
                      const struct postmortem *postmortem)
{
    struct report_style style = output_style();

    report_markdown(stdout, postmortem->text, &style);
    print_repair(session->mem, &style, postmortem, incident->exercise.file);
    print_wrong(session->mem, &style, &incident->exercise);
}

/* --- for programs -------------------------------------------------------------------------------------- */

static json_t *wrong_json(void *mem, const struct exercise *exercise)
{
    json_t *list = json_array();

    for (size_t i = 1; i < exercise->mutant_count; i++) {
        const struct mutant *wrong = &exercise->mutants[i];
        json_array_append_new(list,
                              json_pack("{s:s, s:s, s:o, s:s}", "name", fix_name(mem, wrong), "class",
                                        class_name(wrong->class), "fails",
                                        json_strings(wrong->fails, wrong->fail_count), "why", wrong->why));
    }
    return list;
}

static json_t *postmortem_json(struct session *session, const struct incident *incident,
                               const struct postmortem *postmortem)
{
    return json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:o}", "schema", "deepend/postmortem/1", "id",
                     incident->exercise.id, "file", incident->exercise.file, "text", postmortem->text,
                     "shipped", postmortem->shipped, "fixed", postmortem->fixed, "wrong",
                     wrong_json(session->mem, &incident->exercise));
}

/* --- the verb ------------------------------------------------------------------------------------------ */

/* Whether the learner may look: EXIT_GOOD, else the status after telling. A look before the pass is recorded. */
static enum exit_status admit(struct session *session, const struct exercise *exercise, int give_up)
{
    struct error err;
    const char *name = exercise_short(session->mem, exercise);
    struct progress progress = session_progress(session, exercise);
    struct store *store = session_store(session);

    if (progress.state == STATE_PASSED || progress.gave_up)
        return EXIT_GOOD;
    if (!give_up) {
        error_usage(&err,
                    "%s is not passed yet: `%s incident check %s`. To read now what it was: `%s incident "
                    "postmortem %s --give-up`",
                    exercise->id, program_name(), name, program_name(), name);
        return cmd_error(&err);
    }
    if (store && store_gave_up(store, exercise->id, &err) != 0)
        cmd_error(&err);
    return EXIT_GOOD;
}

enum exit_status incident_postmortem(struct session *session, int argc, char **argv)
{
    int json = 0, give_up = 0;
    const struct option_rule options[] = {
        {"give-up", NULL, &give_up, NULL, "read it before a pass (this is recorded)"},
        {"json", NULL, &json, NULL, "the same as JSON"},
        {0}};
    const struct usage usage = {
        "incident postmortem ID [--give-up]",
        "Tells what it was, shows the repair line by line, and what the fixes did that people\n"
        "try first. It opens once you have passed; before that with --give-up.\n",
        "incident postmortem 1",
        options,
        1,
        1};
    struct arguments given;
    struct error err;
    struct postmortem postmortem;

    if (!arguments_parse(&usage, argc, argv, &given))
        return given.status;
    const struct incident *incident = session_incident(session, given.operands[0], &err);
    if (!incident || read_postmortem(session, incident, &postmortem, &err) != 0)
        return cmd_error(&err);
    enum exit_status admission = admit(session, &incident->exercise, give_up);
    if (admission != EXIT_GOOD)
        return admission;
    if (json)
        output_json(postmortem_json(session, incident, &postmortem));
    else
        print_all(session, incident, &postmortem);
    return EXIT_GOOD;
}
