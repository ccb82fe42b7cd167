/* solution.c - `deepend solution ID`: a good answer, why it is one, and what people get wrong. After a pass,
 * or on --give-up.
 *
 * The why is solution.md where the folder has one, else the comment that the solution opens with.
 */
#include "cmd/arguments.h"
#include "cmd/cmd.h"
#include "cmd/work.h"
#include "report/text.h"

#include "base/file.h"

#include <stdio.h>
#include <string.h>
#include <talloc.h>

/* Both parts of a solution. */
struct solution {
    char *why;  /* Markdown or plain prose */
    char *code; /* what stands below the opening comment, or all of it */
};

/* --- reading ------------------------------------------------------------------------------------------- */

/* Where the comment that TEXT opens with ends, or TEXT when it opens with none. In an answer in text it is
 * the lines that begin with '#'. */
static const char *behind_comment(const char *text)
{
    const char *end = strncmp(text, "/*", 2) == 0 ? strstr(text, "*/") : NULL;

    for (const char *line = text; *line == '#'; line += *line == '\n')
        end = line += strcspn(line, "\n");
    if (text[0] == '#')
        return end;
    return end ? end + 2 : text;
}

/* The comment's words: without its delimiters and the marks at the margin. */
static char *comment_words(void *mem, const char *text)
{
    const char *end = behind_comment(text), *line = text;
    char *words = talloc_strdup(mem, "");

    if (text[0] == '/' && end > text) {
        line += 2;
        end -= 2;
    }
    while (line < end) {
        line += strspn(line, " \t");
        if ((line[0] == '*' || line[0] == '#') && line < end)
            line += 1 + (line[1] == ' ');
        size_t length = strcspn(line, "\n");
        if (line + length > end)
            length = (size_t)(end - line);
        words = talloc_asprintf_append(words, "%.*s\n", (int)length, line);
        line += length + 1;
    }
    return words;
}

static int read_solution(struct session *session, const struct exercise *exercise, struct solution *solution,
                         struct error *err)
{
    char *explanation = talloc_asprintf(session->mem, "%s/solution.md", exercise->directory);
    char *text = exercise_text(session, exercise, exercise_part(session->mem, exercise, "solution"), err);

    if (!text)
        return -1;
    solution->why = file_exists(explanation) ? exercise_text(session, exercise, "solution.md", err)
                                             : comment_words(session->mem, text);
    solution->code = talloc_strdup(session->mem, behind_comment(text) + strspn(behind_comment(text), "\n"));
    return solution->why ? 0 : -1;
}

/* --- for people ---------------------------------------------------------------------------------------- */

static void print_mistakes(struct session *session, const struct report_style *style,
                           const struct exercise *exercise)
{
    printf("\n%s\n\n", text_paint(session->mem, style, ACCENT_BOLD, "Mistakes people make here"));
    for (size_t i = 0; i < exercise->mutant_count; i++) {
        const struct mutant *mutant = &exercise->mutants[i];
        char *line = talloc_asprintf(session->mem, "%s (%s)", mutant->why, class_name(mutant->class));
        text_wrap(stdout, line, "  - ", "    ", style->width);
    }
}

static void print_solution(struct session *session, const struct exercise *exercise,
                           const struct solution *solution)
{
    struct report_style style = output_style();

    printf("%s\n\n", text_paint(session->mem, &style, ACCENT_BOLD, exercise->title));
    report_markdown(stdout, solution->why, &style);
    printf("\n%s\n\n%s", text_paint(session->mem, &style, ACCENT_BOLD, exercise->file), solution->code);
    print_mistakes(session, &style, exercise);
}

/* --- for programs -------------------------------------------------------------------------------------- */

static json_t *solution_json(const struct exercise *exercise, const struct solution *solution)
{
    json_t *mistakes = json_array();

    for (size_t i = 0; i < exercise->mutant_count; i++)
        json_array_append_new(mistakes,
                              json_pack("{s:s, s:s}", "class", class_name(exercise->mutants[i].class), "why",
                                        exercise->mutants[i].why));
    return json_pack("{s:s, s:s, s:s, s:s, s:s, s:o}", "schema", "deepend/solution/1", "id", exercise->id,
                     "file", exercise->file, "why", solution->why, "code", solution->code, "mistakes",
                     mistakes);
}

/* --- the verb ------------------------------------------------------------------------------------------ */

/* Whether the learner may look: EXIT_GOOD, else the status after telling. A look before the pass is recorded.
 */
static enum exit_status admit(struct session *session, const struct exercise *exercise, int give_up)
{
    struct error err;
    char *name = exercise_short(session->mem, exercise);
    struct progress progress = session_progress(session, exercise);
    struct store *store = session_store(session);

    if (progress.state == STATE_PASSED || progress.gave_up)
        return EXIT_GOOD;
    if (!give_up) {
        error_usage(&err,
                    "%s is not passed yet. A hint may do: `%s hint %s`. To see the solution now: `%s "
                    "solution %s --give-up`",
                    exercise->id, program_name(), name, program_name(), name);
        return cmd_error(&err);
    }
    if (store && store_gave_up(store, exercise->id, &err) != 0)
        cmd_error(&err);
    return EXIT_GOOD;
}

enum exit_status cmd_solution(struct session *session, int argc, char **argv)
{
    int json = 0, give_up = 0;
    const struct option_rule options[] = {
        {"give-up", NULL, &give_up, NULL, "show it before a pass (this is recorded)"},
        {"json", NULL, &json, NULL, "the same as JSON"},
        {0}};
    const struct usage usage = {
        "solution ID [--give-up]",
        "Shows a good answer, why it is good, and the mistakes that people make here. It opens\n"
        "once you have passed, when it teaches most; before that with --give-up.\n",
        "solution junior/1",
        options,
        1,
        1};
    struct arguments given;
    struct error err;
    struct solution solution;

    if (!arguments_parse(&usage, argc, argv, &given))
        return given.status;
    const struct exercise *exercise = session_exercise(session, given.operands[0], &err);
    if (!exercise || read_solution(session, exercise, &solution, &err) != 0)
        return cmd_error(&err);
    enum exit_status admission = admit(session, exercise, give_up);
    if (admission != EXIT_GOOD)
        return admission;
    if (json)
        output_json(solution_json(exercise, &solution));
    else
        print_solution(session, exercise, &solution);
    return EXIT_GOOD;
}
