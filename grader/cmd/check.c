/* check.c - `deepend check`: grade once, tell, note the attempt. */
#include "base/process.h"
#include "cmd/arguments.h"
#include "cmd/grade.h"
#include "cmd/kept.h"
#include "cmd/work.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <talloc.h>
#include <unistd.h>

/* What was asked for. */
struct request {
    int json, raw, timings, no_store;
    const char *submission, *junit;
    const char *id; /* as typed, until the exercise is known */
    FILE *junit_stream;
};

/* --- progress: one line on stderr that is written over ----------------------------------------------------
 */

struct progress_line {
    int shown; /* stderr is a terminal that can do it */
    int width;
};

static void progress_show(void *context, const char *text)
{
    const struct progress_line *line = context;

    if (line->shown)
        fprintf(stderr, "\r\033[K%.*s...", line->width, text);
}

static void progress_clear(const struct progress_line *line)
{
    if (line->shown)
        fputs("\r\033[K", stderr);
}

static struct progress_line progress_begin(void)
{
    const char *term = getenv("TERM");
    struct report_style style = report_style_for(stderr);

    return (struct progress_line){isatty(STDERR_FILENO) && term && strcmp(term, "dumb") != 0,
                                  style.width - 5};
}

/* --- nothing was judged -----------------------------------------------------------------------------------
 */

static enum exit_status refuse(const struct request *request, const struct error *err)
{
    if (request->junit_stream)
        report_junit_error(request->junit_stream, request->id, err->text);
    if (request->json) {
        grade_print_json(report_json_error(request->id, err->text));
        return err->status;
    }
    cmd_error(err);
    if (err->status == EXIT_GRADER)
        fprintf(stderr, "No attempt was counted. Type: %s doctor\n", program_name());
    return err->status;
}

/* --- telling the verdict ----------------------------------------------------------------------------------
 */

static const struct stage {
    const char *name;
    size_t at;
} stages[] = {
    {"screen", offsetof(struct grade_seconds, screen)}, {"build", offsetof(struct grade_seconds, build)},
    {"run", offsetof(struct grade_seconds, run)},       {"observe", offsetof(struct grade_seconds, observe)},
    {"judge", offsetof(struct grade_seconds, judge)},   {"report", offsetof(struct grade_seconds, report)},
};
enum { STAGES = sizeof stages / sizeof *stages };

static double stage_seconds(const struct grade_seconds *seconds, const struct stage *stage)
{
    return *(const double *)((const char *)seconds + stage->at);
}

static json_t *stages_json(const struct grade_seconds *seconds)
{
    json_t *object = json_object();

    for (size_t i = 0; i < STAGES; i++)
        json_object_set_new(object, stages[i].name, json_real(stage_seconds(seconds, &stages[i])));
    return object;
}

static void print_timings(const struct grade_seconds *seconds)
{
    for (size_t i = 0; i < STAGES; i++) {
        double taken = stage_seconds(seconds, &stages[i]);
        fprintf(stderr, "%-8s %8.3f s %4.0f %%\n", stages[i].name, taken,
                seconds->total > 0 ? 100 * taken / seconds->total : 0);
    }
    fprintf(stderr, "%-8s %8.3f s\n", "total", seconds->total);
}

static void tell_json(const struct request *request, const struct verdict *verdict,
                      struct grade_seconds *seconds)
{
    double before = clock_seconds();
    json_t *result = report_json(verdict, seconds->total);

    if (request->raw)
        report_json_add_raw(result, verdict);
    seconds->report = clock_seconds() - before;
    if (request->timings)
        json_object_set_new(result, "stages", stages_json(seconds));
    grade_print_json(result);
}

/* After a pass of the learner's own file: where to go. */
static void tell_next(struct session *session, const struct exercise *exercise)
{
    struct error err = {0};
    const struct exercise *next = session_next(session, &err);

    if (exercise->incident) {
        printf("\n  The story: %s incident postmortem %d\n", program_name(),
               atoi(strchr(exercise->id, '/') + 1));
        return;
    }
    printf("\n  Compare: %s solution %s\n", program_name(), exercise->id);
    if (next && next != exercise)
        printf("  Next:    %s show %s\n", program_name(), next->id);
}

/* With a SESSION it is the learner's own file, and a pass leads on. */
static void tell_terminal(const struct request *request, const struct verdict *verdict,
                          struct grade_seconds *seconds, struct session *session)
{
    struct report_style style = output_style();
    double before = clock_seconds();

    style.raw = request->raw;
    report_terminal(stdout, verdict, &style, seconds->total);
    if (session && verdict->status == VERDICT_PASS)
        tell_next(session, verdict->exercise);
    fflush(stdout);
    seconds->report = clock_seconds() - before;
}

/* --- the verb ---------------------------------------------------------------------------------------------
 */

/* The file to grade: the one named, or the learner's own. *OWN tells whether it is that. */
static const char *choose_file(struct session *session, const struct request *request,
                               const struct exercise *exercise, int *own, struct error *err)
{
    if (!request->submission) {
        *own = 1;
        return work_file(session, exercise, err);
    }
    char *work = work_path(session, exercise);
    char *inside = talloc_asprintf(session->mem, "%s/%s", request->submission, exercise->file);
    *own = grade_same_file(request->submission, work) || grade_same_file(inside, work);
    return request->submission;
}

static enum exit_status grade_and_tell(struct session *session, struct request *request)
{
    struct error err = {0};
    struct verdict *verdict;
    struct grade_seconds seconds;
    int own;
    double started = clock_seconds();
    const struct catalog *catalog = session_catalog(session, &err);
    const struct exercise *exercise = catalog ? catalog_find(catalog, request->id, &err) : NULL;

    if (!exercise)
        return refuse(request, &err);
    request->id = exercise->id;
    const char *path = choose_file(session, request, exercise, &own, &err);
    if (!path)
        return refuse(request, &err);

    struct progress_line line = progress_begin();
    const struct grade_options options = {.progress = progress_show, .context = &line};
    int judged = grade_submission(session->mem, session, exercise, path, &options, &verdict, &seconds, &err);
    progress_clear(&line);
    if (judged != 0)
        return refuse(request, &err);
    seconds.total = clock_seconds() - started;
    kept_save(session, verdict);

    struct grade_result result = grade_result_of(verdict, seconds.total);
    if (own && !request->no_store)
        grade_record(session, exercise, &result);
    if (request->junit_stream)
        report_junit(request->junit_stream, verdict, seconds.total);
    if (request->json)
        tell_json(request, verdict, &seconds);
    else if (request->junit_stream != stdout)
        tell_terminal(request, verdict, &seconds, own ? session : NULL);
    if (request->timings && !request->json)
        print_timings(&seconds);
    return verdict_exit(verdict);
}

/* Whether PATH is named as files are that people edit. */
static int is_source(const char *path)
{
    const char *ending = strrchr(path, '.');
    return ending && (strcmp(ending, ".c") == 0 || strcmp(ending, ".h") == 0 || strcmp(ending, ".txt") == 0);
}

/* Opened before grading, so that a file that cannot be written is told while nothing has been judged. */
static int open_junit(struct request *request, struct error *err)
{
    if (!request->junit)
        return 0;
    if (strcmp(request->junit, "-") == 0) {
        if (request->json)
            return error_usage(err, "--json and --junit - both want stdout; give --junit a file");
        request->junit_stream = stdout;
        return 0;
    }
    if (is_source(request->junit)) /* a slip would overwrite the learner's work */
        return error_usage(err, "--junit %s might overwrite your work; choose a name that ends in .xml",
                           request->junit);
    request->junit_stream = fopen(request->junit, "w");
    return request->junit_stream ? 0
                                 : error_usage(err, "cannot write %s: %s", request->junit, strerror(errno));
}

/* STATUS, unless the JUnit file could not be written to its end. */
static enum exit_status close_junit(const struct request *request, enum exit_status status)
{
    FILE *stream = request->junit_stream;

    if (!stream || stream == stdout)
        return status;
    int bad = ferror(stream);
    if (fclose(stream) == 0 && !bad)
        return status;
    fprintf(stderr, "deepend: %s could not be written to its end: %s\n", request->junit, strerror(errno));
    return EXIT_GRADER;
}

enum exit_status cmd_check(struct session *session, int argc, char **argv)
{
    struct request request = {0};
    const struct option_rule options[] = {
        {"submission", "PATH", NULL, &request.submission, "grade this file instead of the one in work/"},
        {"json", NULL, &request.json, NULL, "print the result as JSON"},
        {"junit", "FILE", NULL, &request.junit, "write the result as JUnit XML as well; - for stdout"},
        {"raw", NULL, &request.raw, NULL, "the tools' own words as well"},
        {"timings", NULL, &request.timings, NULL, "how long each stage took"},
        {"no-store", NULL, &request.no_store, NULL, "do not count this as an attempt"},
        {0}};
    const struct usage usage = {
        "check ID [--submission PATH]",
        "Grades your file for the exercise once and tells what is wrong with it.\n"
        "Attempts are counted for the file in work/ only; a file that --submission names\n"
        "elsewhere leaves no trace. PATH may be a folder that holds the file.\n"
        "Exit status: 0 passed, 1 not passed, 2 bad input, 3 could not be judged.\n",
        "check junior/1                          your own file\ncheck junior/1 --submission try.c --json  "
        "another file, for a program\n",
        options,
        1,
        1};
    struct arguments given;
    struct error err = {0};

    if (!arguments_parse(&usage, argc, argv, &given)) {
        if (request.json && given.status == EXIT_USAGE)
            grade_print_json(report_json_error(NULL, "the command line was not understood; stderr says why"));
        return given.status;
    }
    request.id = given.operands[0];
    if (open_junit(&request, &err) != 0)
        return refuse(&request, &err);
    enum exit_status status = close_junit(&request, grade_and_tell(session, &request));
    grade_tidy(session);
    return status;
}
