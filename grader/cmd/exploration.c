/* exploration.c - the report of an exploration as text and as JSON, see exploration.h. */
#include "cmd/exploration.h"

#include "cmd/work.h"
#include "explore/story.h"
#include "report/text.h"

#include <stdio.h>
#include <string.h>
#include <talloc.h>

/* --- JSON ---------------------------------------------------------------------------------------------- */

static json_t *text_json(void *mem, const char *text)
{
    return text ? json_string(text_valid(mem, text)) : json_null();
}

static json_t *places_json(void *mem, const struct explore_report *report)
{
    json_t *array = json_array();

    for (size_t i = 0; i < report->where_count; i++)
        json_array_append_new(
            array, json_pack("{s:o, s:i, s:o}", "file", text_json(mem, report->where[i].file), "line",
                             report->where[i].line, "what", text_json(mem, report->where[i].what)));
    return array;
}

static json_t *steps_json(void *mem, const struct explore_report *report)
{
    json_t *array = json_array();

    for (size_t i = 0; i < report->step_count; i++) {
        const struct explore_step *step = &report->steps[i];
        json_array_append_new(
            array,
            step->left_out
                ? json_pack("{s:I}", "left_out", (json_int_t)step->left_out)
                : json_pack("{s:i, s:s, s:o, s:o, s:i, s:o, s:o, s:o, s:o, s:b, s:f}", "thread", step->thread,
                            "does", story_verb(step->operation), "object", text_json(mem, step->object),
                            "file", text_json(mem, step->file), "line", step->line, "source",
                            text_json(mem, step->source), "note", text_json(mem, step->note), "choice",
                            text_json(mem, step->choice), "held", text_json(mem, step->held), "preempts",
                            step->preempts, "clock", step->clock));
    }
    return array;
}

/* Each output with its count, and each with its token. */
static void outputs_json(void *mem, const struct explore_report *report, json_t *object)
{
    json_t *counts = json_object(), *tokens = json_object();

    for (size_t i = 0; i < report->output_count; i++) {
        const char *text = text_valid(mem, report->outputs[i].text);
        json_object_set_new(counts, text, json_integer((json_int_t)report->outputs[i].count));
        json_object_set_new(tokens, text, json_string(report->outputs[i].token));
    }
    json_object_set_new(object, "outputs", counts);
    json_object_set_new(object, "output_tokens", tokens);
}

static const char *outcome_name(const struct explore_report *report)
{
    if (report->unsupported)
        return "unsupported";
    return report->class == CLASS_NONE ? "ok" : class_name(report->class);
}

json_t *exploration_json(void *mem, const struct explore_report *report, int steps)
{
    json_t *waits = json_array();
    json_t *object =
        json_pack("{s:s, s:s, s:I, s:I, s:I, s:b, s:i, s:b, s:o, s:o, s:o, s:o, s:o, s:o, s:f}", "schema",
                  "deepend/explore/1", "outcome", outcome_name(report), "schedules", (json_int_t)report->run,
                  "failed", (json_int_t)report->failed, "first", (json_int_t)report->first, "exhausted",
                  report->exhausted, "bound", (int)report->bound, "nondeterministic",
                  report->nondeterministic, "token", text_json(mem, report->token), "message",
                  text_json(mem, report->unsupported ? report->unsupported : report->message), "why",
                  text_json(mem, report->why), "switch", text_json(mem, report->decision), "where",
                  places_json(mem, report), "waits", waits, "seconds", report->seconds);

    for (size_t i = 0; i < report->wait_count; i++)
        json_array_append_new(waits, text_json(mem, report->waits[i]));
    json_object_set_new(object, "printed", text_json(mem, report->printed));
    outputs_json(mem, report, object);
    if (steps)
        json_object_set_new(object, "steps", steps_json(mem, report));
    return object;
}

json_t *exploration_json_error(const char *text)
{
    return json_pack("{s:s, s:s, s:s}", "schema", "deepend/explore/1", "outcome", "error", "message", text);
}

/* --- text ---------------------------------------------------------------------------------------------- */

struct show exploration_show(void)
{
    struct report_style style = output_style();
    return (struct show){.stream = stdout, .width = style.width, .colour = style.colour, .utf8 = style.utf8};
}

/* The last lines of what the program had printed when it failed. */
static void print_printed(const struct show *show, const struct explore_report *report)
{
    enum { LINES = 8 };
    char *text = report->printed ? text_clean(NULL, report->printed, show->utf8) : NULL;
    const char *line = text ? text + strlen(text) : NULL;
    int newlines = 0;

    if (!text)
        return;
    if (line > text && line[-1] == '\n')
        line--;
    while (line > text && (newlines += line[-1] == '\n') < LINES)
        line--;
    const char *head = line > text ? "Printed: ...\n           " : "Printed: ";
    for (; *line; head = "         ") {
        size_t length = strcspn(line, "\n");
        printf("  %s%.*s\n", head, (int)length, line);
        line += length + (line[length] == '\n');
    }
    talloc_free(text);
}

void exploration_print_fault(const struct show *show, const struct explore_report *report)
{
    if (report->nondeterministic)
        printf("The program is not deterministic in itself: the same schedule did not go the same way twice\n"
               "(random numbers, addresses, the real time?). What follows is what happened once.\n\n");
    show_verdict(show, report);
    print_printed(show, report);
    printf("\n");
    show_head(show, report);
    show_steps(show, report, 0, report->step_count);
}

/* What to do about it, for what begins so. */
static const char *advice_for(const char *what)
{
    static const struct {
        const char *beginning, *advice;
    } table[] = {
        {"thrd_", "the threads of <threads.h> are not known here: write it with pthreads"},
        {"mtx_", "the locks of <threads.h> are not known here: write it with pthreads"},
        {"cnd_", "the conditions of <threads.h> are not known here: write it with pthreads"},
        {"fork", "schedules are explored within one process: leave the other one out"},
        {"poll", "nothing comes from outside of the program: let a thread hand it over instead"},
        {"select", "nothing comes from outside of the program: let a thread hand it over instead"},
        {"accept", "nothing comes from outside of the program: let a thread hand it over instead"},
        {"read", "nothing comes from outside of the program: let a thread hand it over instead"},
        {"recv", "nothing comes from outside of the program: let a thread hand it over instead"},
        {"sig", "signals come at no moment that a schedule decides: wake the thread by a condition variable"},
        {"pthread_kill", "signals come at no moment that a schedule decides: wake the thread by a condition "
                         "variable"},
        {"asynchronous cancellation", "let the thread look at a flag, and end by itself"},
        {"pause", "wait on a condition variable"},
        {"more threads", "fewer threads show the same faults: try it with three or four"},
        {"a call that blocks",
         "a pipe, a socket or a lock of another kind? Hand things over under a mutex, with a "
         "condition variable"},
    };

    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++)
        if (strncmp(what, table[i].beginning, strlen(table[i].beginning)) == 0)
            return table[i].advice;
    return NULL;
}

void exploration_print_unsupported(const struct explore_report *report)
{
    const char *advice = advice_for(report->unsupported);

    fprintf(stderr, "deepend: it cannot be judged: the explorer does not model this: %s",
            report->unsupported);
    if (report->where_count > 0)
        fprintf(stderr, " (%s:%d)", report->where[0].file, report->where[0].line);
    fprintf(stderr, "%s%s\n", advice ? "\n  " : "", advice ? advice : "");
}

enum exit_status exploration_status(const struct explore_report *report)
{
    if (report->unsupported)
        return EXIT_GRADER;
    return report->class == CLASS_NONE ? EXIT_GOOD : EXIT_BAD;
}
