/* grade.c - the stages in a row, see grade.h. */
#include "cmd/grade.h"

#include "base/process.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <talloc.h>

static const size_t cache_bytes = (size_t)512 << 20; /* of builds that are kept */

static void tell(const struct grade_options *options, const char *text)
{
    if (options && options->progress)
        options->progress(options->context, text);
}

/* From run_checks: DONE runs have ended, and CHECK starts now. */
static void tell_run(void *context, const char *check, const char *variant, size_t done, size_t total)
{
    char text[200];

    snprintf(text, sizeof text, "running %zu of %zu: %s (%s)", done + 1, total, check, variant);
    tell(context, text);
}

/* Seconds since *MARK, which moves on. */
static double lap(double *mark)
{
    double now = clock_seconds(), since = now - *mark;
    *mark = now;
    return since;
}

int grade_submission(void *mem, struct session *session, const struct exercise *exercise, const char *path,
                     const struct grade_options *options, struct verdict **verdict,
                     struct grade_seconds *seconds, struct error *err)
{
    struct run_options running = {.progress = tell_run, .context = (void *)options};
    struct observation *observations = NULL;
    struct run *runs = NULL;
    size_t count = 0;
    double mark = clock_seconds();

    *seconds = (struct grade_seconds){0};
    tell(options, "reading");
    struct submission *submission = submission_load(mem, exercise, path, err);
    if (!submission)
        return -1;
    tell(options, "building");
    struct build *build = build_submission(mem, session->root, exercise, submission, err);
    if (!build)
        return -1;
    seconds->screen = build->seconds_screen;
    seconds->build = lap(&mark) - build->seconds_screen;
    if (build->status == BUILD_DONE) {
        if (run_checks(mem, build, &running, &runs, &count, err) != 0)
            return -1;
        seconds->run = lap(&mark);
        tell(options, "reading what the tools saw");
        observations = observe_runs(mem, build, runs, count);
        seconds->observe = lap(&mark);
    }
    *verdict = judge_submission(mem, build, observations, count);
    seconds->judge = lap(&mark);
    return 0;
}

struct grade_result grade_result_of(const struct verdict *verdict, double seconds)
{
    struct grade_result result = {.status = verdict->status,
                                  .class = verdict->class,
                                  .score = verdict->score,
                                  .max_score = verdict->max_score,
                                  .seconds = seconds};

    snprintf(result.sha256, sizeof result.sha256, "%s", verdict->submission->sha256);
    return result;
}

void grade_record(struct session *session, const struct exercise *exercise, const struct grade_result *result)
{
    struct error err = {0};
    struct store *store;

    if (result->status == VERDICT_ERROR || !(store = session_store(session)))
        return;
    if (store_attempt(store, exercise->id, result->sha256, result->status == VERDICT_PASS,
                      class_name(result->class), result->score, result->max_score, result->seconds,
                      &err) != 0)
        fprintf(stderr, "deepend: this attempt could not be noted: %s\n", err.text);
}

void grade_tidy(const struct session *session)
{
    build_cache_trim(session->root, cache_bytes);
}

int grade_same_file(const char *a, const char *b)
{
    struct stat first, second;

    return stat(a, &first) == 0 && stat(b, &second) == 0 && first.st_dev == second.st_dev &&
           first.st_ino == second.st_ino;
}

void grade_print_json(json_t *result)
{
    json_dumpf(result, stdout, JSON_INDENT(2) | JSON_REAL_PRECISION(10));
    putchar('\n');
    json_decref(result);
}
