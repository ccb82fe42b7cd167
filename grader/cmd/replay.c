/* replay.c - `deepend replay TOKEN`: a schedule once more, shown step by step. */
#include "cmd/arguments.h"
#include "cmd/cmd.h"
#include "cmd/exploration.h"
#include "cmd/explored.h"
#include "cmd/kept.h"
#include "cmd/work.h"
#include "report/text.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <talloc.h>

struct words {
    const char *html;
    int json, plain;
};

static enum exit_status fail(const struct error *err, int json)
{
    if (json)
        output_json(exploration_json_error(err->text));
    return cmd_error(err);
}

static void print_report(struct explore_report *report, int plain)
{
    struct show show = exploration_show();

    if (!plain && show_stepping(&show, report))
        return;
    if (report->class != CLASS_NONE) {
        exploration_print_fault(&show, report);
        return;
    }
    printf("This schedule ends well.\n");
    if (report->output_count > 0 && report->outputs[0].text[0])
        printf("It prints: %s\n", text_clean(report, report->outputs[0].text, show.utf8));
    printf("\n");
    show_head(&show, report);
    show_steps(&show, report, 0, report->step_count);
}

/* The report of TOKEN's schedule, of a check or of a program of the user's; *FILE: what to call the program.
 */
static int find(struct session *session, const char *token, char *const *files,
                struct explore_report **report, const char **file, struct error *err)
{
    struct explored program;
    char *graded;
    int changed, kept;

    if (explore_token_check(token, err) != 0)
        return -1;
    kept = files[0] ? 0 : kept_replay(session, token, report, &graded, &changed, err);
    if (kept > 0) {
        *file = graded;
        if (changed)
            fprintf(stderr, "The file has changed since; this is %s, as it was graded.\n", graded);
    }
    if (kept != 0)
        return kept > 0 ? 0 : -1;
    if (explored_again(session, token, files, &program, err) != 0)
        return -1;
    struct explore_target target = {.binary = program.binary, .arguments = program.arguments};
    snprintf(target.hash, sizeof target.hash, "%s", program.hash);
    *file = program.files[0];
    return explore_replay(session->mem, &target, token, report, err);
}

static enum exit_status replay(struct session *session, const struct words *words, const char *token,
                               char *const *files)
{
    struct explore_report *report;
    const char *file;
    struct error err;

    if (find(session, token, files, &report, &file, &err) != 0)
        return fail(&err, words->json);
    if (words->html && show_html(words->html, file, report) != 0) {
        error_usage(&err, "%s: %s", words->html, strerror(errno));
        return fail(&err, words->json);
    }
    if (words->json)
        output_json(exploration_json(session->mem, report, 1));
    if (report->unsupported)
        exploration_print_unsupported(report);
    else if (words->html && !words->json)
        printf("%s is written.\n", words->html);
    else if (!words->json)
        print_report(report, words->plain);
    return exploration_status(report);
}

enum exit_status cmd_replay(struct session *session, int argc, char **argv)
{
    struct words words = {0};
    const struct option_rule options[] = {
        {"html", "FILE", NULL, &words.html, "write it as one page for a browser"},
        {"plain", NULL, &words.plain, NULL, "all at once, also in a terminal"},
        {"json", NULL, &words.json, NULL, "print JSON, with every step"},
        {0}};
    const struct usage usage = {
        "replay TOKEN [FILE.c...]",
        "Runs the schedule that the token stands for once more and shows it, one column a thread, with the\n"
        "lines of the source, who holds and who waits. In a terminal you go through it with keys: space "
        "forward,\n"
        "p back, G to the end, q out. The program is found again by its token; name its files if they have "
        "moved.\n",
        "replay 1-0b1c2d3e-A6CNBgQBq2\n"
        "replay 1-0b1c2d3e-A6CNBgQBq2 --html deadlock.html   to show somebody else",
        options,
        1,
        -1};
    struct arguments given;

    if (!arguments_parse(&usage, argc, argv, &given))
        return given.status;
    return replay(session, &words, given.operands[0], given.operands + 1);
}
