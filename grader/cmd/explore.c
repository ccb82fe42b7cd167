/* explore.c - `deepend explore FILE.c...`: the schedule explorer on any pthread program. */
#include "cmd/arguments.h"
#include "cmd/cmd.h"
#include "cmd/exploration.h"
#include "cmd/explored.h"
#include "cmd/exploring.h"
#include "cmd/work.h"
#include "report/text.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <talloc.h>

/* The words of the command line, before they are understood. */
struct words {
    const char *strategy, *schedules, *seconds, *seed, *bound, *memory_points, *races, *steps, *cflags;
    const char *spurious, *early, *fail_create, *fail_malloc, *minimise;
    int outputs, tsan, json;
};

/* --- understanding them -------------------------------------------------------------------------------- */

static int read_number(const char *name, const char *word, uint64_t most, uint64_t *number, struct error *err)
{
    char *end;

    if (!word)
        return 0;
    errno = 0;
    unsigned long long read = strtoull(word, &end, 10);
    if (word[0] < '0' || word[0] > '9' || *end || errno || read > most)
        return error_usage(err, "--%s takes a number up to %" PRIu64 ", not '%s'", name, most, word);
    *number = read;
    return 0;
}

static int read_small(const char *name, const char *word, uint64_t most, unsigned *number, struct error *err)
{
    uint64_t wide = *number;
    int result = read_number(name, word, most, &wide, err);

    *number = (unsigned)wide;
    return result;
}

static int read_seconds(const char *word, double *seconds, struct error *err)
{
    char *end;

    if (!word)
        return 0;
    *seconds = strtod(word, &end);
    if (end == word || *end || !(*seconds > 0) || *seconds > 1e6)
        return error_usage(err, "--seconds takes a number greater than 0, not '%s'", word);
    return 0;
}

static int read_strategy(const char *word, enum explore_strategy *strategy, struct error *err)
{
    static const char *const names[] = {
#define X(suffix, name) name,
        EXPLORE_STRATEGIES(X)
#undef X
    };

    for (unsigned i = 0; word && i < EXPLORE_REPLAY; i++)
        if (strcmp(word, names[i]) == 0) {
            *strategy = (enum explore_strategy)i;
            return 0;
        }
    return word ? error_usage(err,
                              "there is no strategy '%s'; there are random, pct, pos, surw, portfolio, dfs",
                              word)
                : 0;
}

static int read_switch(const char *name, const char *word, int *on, struct error *err)
{
    if (!word)
        return 0;
    *on = strcmp(word, "on") == 0;
    return *on || strcmp(word, "off") == 0 ? 0 : error_usage(err, "--%s is on or off, not '%s'", name, word);
}

static int understand(const struct words *words, struct explore_options *options, struct error *err)
{
    *options = explore_defaults();
    options->keep_outputs = words->outputs;
    options->detect_races = !words->outputs; /* else a program with a race would have no output to list */
    if (read_strategy(words->strategy, &options->strategy, err) != 0 ||
        read_number("schedules", words->schedules, 1000000000, &options->schedules, err) != 0 ||
        read_seconds(words->seconds, &options->seconds, err) != 0 ||
        read_number("seed", words->seed, UINT64_MAX / 2, &options->seed, err) != 0 ||
        read_small("bound", words->bound, 1000, &options->bound, err) != 0 ||
        read_number("steps", words->steps, 1000000000, &options->step_limit, err) != 0 ||
        read_switch("memory-points", words->memory_points, &options->memory_points, err) != 0 ||
        read_switch("races", words->races, &options->detect_races, err) != 0 ||
        read_switch("minimise", words->minimise, &options->minimise, err) != 0 ||
        read_small("spurious", words->spurious, 1000, &options->spurious, err) != 0 ||
        read_small("early", words->early, 1000, &options->early, err) != 0 ||
        read_small("fail-create", words->fail_create, 1000, &options->fail_create, err) != 0 ||
        read_small("fail-malloc", words->fail_malloc, 1000, &options->fail_malloc, err) != 0)
        return -1;
    if (words->tsan && words->races && !options->detect_races)
        return error_usage(err, "--tsan is there to look for races: it does not go with --races off");
    if (words->seconds && !words->schedules)
        options->schedules = 1000000000; /* time is the limit then */
    if (options->strategy == EXPLORE_DFS && !words->schedules && !words->seconds)
        options->schedules = 1000000; /* to come to an end is what it is for */
    return 0;
}

/* TEXT cut at blanks. */
static const char **split(void *mem, const char *text)
{
    const char **list = talloc_zero_array(mem, const char *, 1);
    char *rest = NULL, *copy = talloc_strdup(mem, text ? text : "");
    size_t count = 0;

    for (char *word = strtok_r(copy, " \t", &rest); word; word = strtok_r(NULL, " \t", &rest)) {
        list = talloc_realloc(mem, list, const char *, (unsigned)count + 2);
        list[count++] = word;
        list[count] = NULL;
    }
    return list;
}

/* --- telling ------------------------------------------------------------------------------------------- */

/* An output on one line. */
static void print_outputs(void *mem, const struct explore_report *report)
{
    printf("\n%zu different outputs:\n", report->output_count);
    for (size_t i = 0; i < report->output_count; i++) {
        char *text = talloc_strdup(mem, report->outputs[i].text);
        for (char *at = text; *at; at++)
            *at = *at == '\n' ? '/' : *at;
        printf("  %8" PRIu64 " times  %-30s  %s\n", report->outputs[i].count, text_clean(mem, text, 1),
               report->outputs[i].token);
    }
}

static void print_good(const struct explore_report *report, int interrupted)
{
    if (interrupted)
        printf("Interrupted: none of the %" PRIu64 " schedules until then failed, in %.1f s.\n", report->run,
               report->seconds);
    else if (report->exhausted)
        printf("ok: no schedule fails. All with at most %u preemptions were run: %" PRIu64 ", in %.1f s.\n",
               report->bound, report->run, report->seconds);
    else
        printf("ok: none of %" PRIu64 " schedules failed, in %.1f s. That is no proof: there are more.\n",
               report->run, report->seconds);
    if (report->nondeterministic)
        printf("The program is not deterministic in itself; the same schedule may go another way.\n");
}

static void print_report(struct session *session, const struct explore_report *report, int outputs,
                         int interrupted)
{
    struct show show = exploration_show();

    if (report->class == CLASS_NONE) {
        print_good(report, interrupted);
    } else {
        exploration_print_fault(&show, report);
        printf("\n%" PRIu64 " of %" PRIu64 " schedules failed, number %" PRIu64
               " first (%.1f s). Once more, step by step:\n"
               "  %s replay %s\n",
               report->failed, report->run, report->first, report->seconds, program_name(), report->token);
    }
    if (outputs)
        print_outputs(session->mem, report);
}

/* --- the verb ------------------------------------------------------------------------------------------ */

static enum exit_status fail(const struct error *err, int json)
{
    if (json)
        output_json(exploration_json_error(err->text));
    return cmd_error(err);
}

static enum exit_status explore(struct session *session, const struct words *words, char *const *files,
                                char *const *arguments)
{
    struct explore_options options;
    struct explore_report *report;
    struct explored program;
    struct exploring exploring;
    struct error err;

    if (understand(words, &options, &err) != 0 ||
        explored_make(session, files, split(session->mem, words->cflags), arguments, words->tsan, &program,
                      &err) != 0)
        return fail(&err, words->json);
    struct explore_target target = {.binary = program.binary, .arguments = program.arguments};
    snprintf(target.hash, sizeof target.hash, "%s", program.hash);
    exploring_begin(&exploring, &options);
    int result = explore_run(session->mem, &target, &options, &report, &err);
    int interrupted = exploring_end(&exploring);
    if (result != 0)
        return fail(&err, words->json);
    if (words->json) {
        json_t *object = exploration_json(session->mem, report, 0);
        json_object_set_new(object, "interrupted", json_boolean(interrupted));
        output_json(object);
    }
    if (report->unsupported)
        exploration_print_unsupported(report);
    else if (!words->json)
        print_report(session, report, words->outputs, interrupted);
    return interrupted && report->class == CLASS_NONE ? EXIT_GRADER : exploration_status(report);
}

enum exit_status cmd_explore(struct session *session, int argc, char **argv)
{
    struct words words = {0};
    const struct option_rule options[] = {
        {"strategy", "S", NULL, &words.strategy,
         "portfolio (default), random, pct, pos, surw, or dfs: all there are"},
        {"schedules", "N", NULL, &words.schedules, "at most so many (10000)"},
        {"seconds", "T", NULL, &words.seconds, "at most so long"},
        {"seed", "X", NULL, &words.seed, "another seed, other schedules (1)"},
        {"bound", "B", NULL, &words.bound, "dfs: preemptions; pct: depth of the fault (3)"},
        {"memory-points", "on|off", NULL, &words.memory_points,
         "switch threads at memory accesses as well (on)"},
        {"races", "on|off", NULL, &words.races, "tell accesses that nothing orders (on; off with --outputs)"},
        {"tsan", NULL, &words.tsan, NULL, "let clang's ThreadSanitizer judge the races in each schedule"},
        {"steps", "N", NULL, &words.steps, "more in one schedule is a livelock (100000)"},
        {"cflags", "FLAGS", NULL, &words.cflags, "for the compiler: \"-Iinclude -DN=3\""},
        {"spurious", "N", NULL, &words.spurious, "chance in a thousand that a wait wakes by itself (0)"},
        {"early", "N", NULL, &words.early, "chance in a thousand that a timeout comes first (0)"},
        {"fail-create", "N", NULL, &words.fail_create, "chance in a thousand that pthread_create fails (0)"},
        {"fail-malloc", "N", NULL, &words.fail_malloc, "chance in a thousand that malloc fails (0)"},
        {"minimise", "on|off", NULL, &words.minimise, "show a short form of the schedule that failed (on)"},
        {"outputs", NULL, &words.outputs, NULL, "list every output that the program can have"},
        {"json", NULL, &words.json, NULL, "print JSON"},
        {0}};
    const struct usage usage = {
        "explore FILE.c... [-- ARGUMENTS]",
        "Runs a pthread program through many schedules, one thread at a time, and says in which it "
        "deadlocks,\n"
        "races, loses a wake-up, fails an assertion, crashes, returns other than 0, or never ends. What it "
        "finds\n"
        "comes with a token that shows the same run again. Sleeping costs no time: the clock is virtual.\n"
        "It is compiled for that with clang. Its standard input is empty; waiting for other processes,\n"
        "signals and <threads.h> are refused by name. Ctrl-C ends it with what has been seen so far.\n"
        "Exit status: 0 nothing failed, 1 something did, 2 it does not compile, 3 it could not be judged.\n",
        "explore account.c                           ten thousand schedules, or to the first fault\n"
        "explore account.c --seconds 60 --seed 7     others, for a minute\n"
        "explore pool.c main.c --cflags -Iinc -- 4   several files, flags, an argument\n"
        "explore account.c --strategy dfs --bound 2  every schedule with at most two preemptions\n"
        "explore puzzle.c --strategy dfs --outputs   everything that it can print\n"
        "explore account.c --tsan                    what ThreadSanitizer says to each schedule",
        options,
        1,
        -1};
    struct arguments given;
    char *nothing[] = {NULL}, **arguments = nothing;
    int count = argc;

    for (int i = 1; i < argc && arguments == nothing; i++)
        if (strcmp(argv[i], "--") == 0) {
            count = i;
            arguments = &argv[i + 1];
        }
    if (count < argc)
        argv[count] = NULL;
    if (!arguments_parse(&usage, count, argv, &given))
        return given.status;
    return explore(session, &words, given.operands, arguments);
}
