/* explored.c - a check under the schedule explorer, see explored.h.
 *
 * The explorer starts the program itself, confined by our command and filter: one server a processor, which
 * forks a process for each schedule. The number of schedules is fixed and so is the first seed, so the same
 * program always gets the same verdict; nothing here depends on time.
 */
#include "run/explored.h"

#include "base/file.h"
#include "base/process.h"
#include "run/sandbox.h"
#include "run/seccomp.h"

#include <stdio.h>
#include <string.h>
#include <talloc.h>
#include <unistd.h>

enum {
    PROGRAM_LIMIT = 64 << 20,
    STACK_BYTES = 8 << 20, /* address space that a thread's stack takes, used or not */
    SPARE_BYTES = 64 << 20,
    STEPS_MOST = 20000 /* of one schedule: a check is small */
};

/* A target and all that it points to. */
struct confined {
    struct explore_target target;
    struct explore_confinement confinement;
    const char *arguments[3];
};

/* Tokens name what they belong to: the program, by its content, and the check. */
static int hash_program(void *mem, const char *binary, const char *check, char hash[17], struct error *err)
{
    char sum[SHA256_TEXT];
    size_t length;
    char *text = file_read(mem, binary, PROGRAM_LIMIT, &length, err);

    if (!text)
        return -1;
    sha256_bytes(text, length, sum);
    talloc_free(text);
    text = talloc_asprintf(mem, "%s %s", sum, check);
    sha256_bytes(text, strlen(text), sum);
    talloc_free(text);
    snprintf(hash, 17, "%.16s", sum);
    return 0;
}

/* The sanitizer maps far more than any program uses, so it is not limited. */
static size_t memory_for(const struct variant *variant, const struct limits *limits)
{
    if (variant->threads == THREADS_EXPLORED_OVER_TSAN)
        return 0;
    return ((size_t)limits->memory_mb << 20) + (size_t)limits->threads * STACK_BYTES + SPARE_BYTES;
}

static int set_up(void *mem, struct confined *confined, const struct build *build, const struct run *run,
                  struct error *err)
{
    const struct limits *limits = &build->exercise->limits;

    *confined = (struct confined){
        .arguments = {run->check->name, run->variant->name, NULL},
        .confinement = {.command = sandbox_command(mem, run->binary, EXPLORE_FILTER_FD),
                        .filter = seccomp_file(1),
                        .loop_seconds = limits->cpu_ms / 1000 + 1,
                        .memory_bytes = memory_for(run->variant, limits)},
    };
    confined->target = (struct explore_target){.binary = run->binary,
                                               .arguments = confined->arguments,
                                               .confinement = &confined->confinement,
                                               .source_root = build->root,
                                               .source_file = build->submission->name,
                                               .source_text = build->submission->text};
    if (confined->confinement.filter < 0)
        return error_grader(err, "libseccomp cannot make the filter of system calls");
    return hash_program(mem, run->binary, run->check->name, confined->target.hash, err);
}

static void tear_down(struct confined *confined)
{
    if (confined->confinement.filter >= 0)
        close(confined->confinement.filter);
}

void explored_run(void *mem, const struct build *build, struct run *run, const struct run_options *wanted)
{
    struct explore_options options = explore_defaults();
    struct explore_report *report = NULL;
    struct confined confined;
    struct error err = {0};
    double begun = clock_seconds();

    options.schedules = run->variant->schedules;
    options.step_limit = STEPS_MOST;
    options.detect_races =
        0; /* the check's own gates order nothing; races are for the variants of a sanitizer */
    options.minimise = !wanted->as_found;
    if (wanted->seed)
        options.seed = wanted->seed;
    int result = set_up(mem, &confined, build, run, &err);
    if (result == 0)
        result = explore_run(mem, &confined.target, &options, &report, &err);
    tear_down(&confined);
    run->output = talloc_strdup(mem, "");
    run->log = talloc_strdup(mem, "");
    run->seconds = clock_seconds() - begun;
    run->end = result == 0 ? RUN_EXITED : RUN_NOT_STARTED;
    if (result != 0) {
        run->trouble = talloc_strdup(mem, err.text);
        return;
    }
    run->explored = report;
    run->completed = report->class == CLASS_NONE && !report->unsupported && report->run > 0;
}

int explored_replay(void *mem, const struct build *build, const struct run *run, const char *token,
                    struct explore_report **report, struct error *err)
{
    struct confined confined;
    int result = set_up(mem, &confined, build, run, err);

    if (result == 0)
        result = explore_replay(mem, &confined.target, token, report, err);
    tear_down(&confined);
    return result;
}
