/* test_explore_kernels.c - the explorer judges programs whose verdict is known: the classic kernels, one that
 * triggers each detector and one near it that must not, and programs whose outputs can be counted by hand.
 *
 * What each program must earn stands in its own first line; see grader/test/explore/README.md. Programs with
 * a fault must show it, of the class they name, within 10,000 schedules of the portfolio from each of 20
 * seeds, and the kernels among them once more with nothing said, as people type it, where a race may come
 * first; right ones must give no alarm in 300 schedules, watched for races as well, nor in a search of the
 * schedules with one preemption; counted ones must be searched to the end and give just so many outputs.
 */
#include "base/file.h"
#include "base/process.h"
#include "explore/explore.h"
#include "explore/session.h"

#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <talloc.h>
#include <unistd.h>

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

enum {
    SEEDS = 20,
    SEED_APART = 1000000,
    FAULTY = 10000,
    RIGHT = 300,
    SEARCH = 500,
    COUNT = 3000,
    BUILDERS = 2
};

struct subject {
    char name[64], binary[256];
    char class[32], unsupported[32];
    int level, outputs, bound; /* outputs 0: not one whose outputs are counted */
};

/* --- the programs ------------------------------------------------------------------------------------- */

/* The value of KEY= in the first line of the program, or OTHERWISE. */
static void field(const char *line, const char *key, const char *otherwise, char *value, size_t room)
{
    const char *at = strstr(line, key);

    snprintf(value, room, "%s", at ? at + strlen(key) : otherwise);
    value[strcspn(value, " \n*")] = '\0';
}

static int number_field(const char *line, const char *key, const char *otherwise)
{
    char value[16];

    field(line, key, otherwise, value, sizeof value);
    return atoi(value);
}

static void subject_read(struct subject *subject, const char *path, const char *folder)
{
    char line[200] = "";
    FILE *file = fopen(path, "r");

    if (!file || !fgets(line, sizeof line, file))
        fail_msg("%s cannot be read", path);
    fclose(file);
    snprintf(subject->name, sizeof subject->name, "%s", path + strlen("grader/test/explore/"));
    snprintf(subject->binary, sizeof subject->binary, "%s/%s", folder, strrchr(path, '/') + 1);
    field(line, "class=", "ok", subject->class, sizeof subject->class);
    field(line, "unsupported=", "", subject->unsupported, sizeof subject->unsupported);
    subject->level = number_field(line, "level=", "0");
    subject->outputs = number_field(line, "outputs=", "0");
    subject->bound = number_field(line, "bound=", "100");
    if (!strstr(line, "/* explore: "))
        fail_msg("%s does not say what it must earn", path);
}

static int build(const char *path, const struct subject *subject)
{
    void *mem = talloc_new(NULL);
    struct error err;
    const char *const files[] = {path, NULL};
    int result = explore_compile(mem, ".", files, NULL, 0, subject->binary, &err);

    if (result != 0)
        fprintf(stderr, "%s: %s\n", path, err.text);
    talloc_free(mem);
    return result;
}

/* Build all of them, two at a time. The first one alone, as it makes the runtime as well. */
static void build_all(const glob_t *paths, const struct subject *subjects)
{
    assert_int_equal(build(paths->gl_pathv[0], &subjects[0]), 0);
    for (size_t builder = 0; builder < BUILDERS; builder++) {
        fflush(NULL);
        if (fork() != 0)
            continue;
        int bad = 0;
        for (size_t i = 1 + builder; i < paths->gl_pathc; i += BUILDERS)
            bad |= build(paths->gl_pathv[i], &subjects[i]) != 0;
        _exit(bad);
    }
    for (int i = 0, status; i < BUILDERS; i++) {
        wait(&status);
        assert_int_equal(status, 0);
    }
}

/* --- what they must earn ------------------------------------------------------------------------------ */

static struct explore_options options_for(const struct subject *subject)
{
    struct explore_options options = explore_defaults();

    options.memory_points = subject->level;
    options.detect_races = strcmp(subject->class, "race") == 0 || strcmp(subject->class, "ok") == 0;
    options.step_limit = 20000;
    options.minimise = 0;
    return options;
}

static struct explore_report *run(void *mem, const struct subject *subject,
                                  const struct explore_options *options)
{
    struct explore_target target = {.binary = subject->binary};
    struct explore_report *report;
    struct error err;

    if (explore_run(mem, &target, options, &report, &err) != 0)
        fail_msg("%s: %s", subject->name, err.text);
    if (!report->unsupported != !subject->unsupported[0])
        fail_msg("%s: not modelled: %s", subject->name,
                 report->unsupported ? report->unsupported : "nothing");
    return report;
}

static void no_alarm(void *mem, const struct subject *subject, const struct explore_options *options)
{
    const struct explore_report *report = run(mem, subject, options);

    if (report->class != CLASS_NONE)
        fail_msg("%s: %s: %s", subject->name, class_name(report->class), report->message);
}

static void judge_right(void *mem, const struct subject *subject)
{
    struct explore_options options = options_for(subject);

    options.schedules = RIGHT;
    no_alarm(mem, subject, &options);
    options.strategy = EXPLORE_DFS;
    options.bound = 1;
    options.schedules = SEARCH;
    no_alarm(mem, subject, &options);
}

/* The request that explore_run makes of OPTIONS for its seed number INDEX, but as one batch. */
static struct explore_request request_for(const struct explore_options *options, unsigned index)
{
    return (struct explore_request){.version = EXPLORE_VERSION,
                                    .strategy = EXPLORE_PORTFOLIO,
                                    .seed = 1 + index * SEED_APART,
                                    .stride = 1,
                                    .count = FAULTY,
                                    .step_limit = options->step_limit,
                                    .bound = options->bound,
                                    .memory_points = options->memory_points != 0,
                                    .detect_races = options->detect_races != 0,
                                    .stop_at_first = 1};
}

/* CLASS NULL: any fault will do. */
static void check_found(const struct subject *subject, const struct explore_arena *arena, unsigned index,
                        const char *class)
{
    const struct explore_outcome *last = &arena->last;

    if (arena->batch.first == 0 || last->unsupported)
        fail_msg("%s, seed %u: not found in %llu schedules: %s", subject->name, index,
                 (unsigned long long)arena->batch.run, last->message);
    if (class && strcmp(class_name((enum verdict_class)last->class), class) != 0)
        fail_msg("%s, seed %u: %s, not %s: %s", subject->name, index,
                 class_name((enum verdict_class)last->class), class, last->message);
}

/* Each seed must find it; as many seeds at a time as there are servers. */
static void every_seed(void *mem, const struct subject *subject, const struct explore_options *options,
                       const char *class)
{
    struct explore_target target = {.binary = subject->binary};
    struct error err = {0};
    struct explore_session *session = session_start(mem, &target, 0, &err);
    unsigned servers = session ? session_servers(session) : 0, asked;

    for (unsigned done = 0; servers > 0 && done < SEEDS; done += asked) {
        for (asked = 0; asked < servers && done + asked < SEEDS; asked++) {
            struct explore_request request = request_for(options, done + asked);
            assert_int_equal(session_ask(session, asked, &request, &err), 0);
        }
        if (session_wait(session, &err) != 0)
            fail_msg("%s: %s", subject->name, err.text);
        for (unsigned i = 0; i < asked; i++)
            check_found(subject, session_arena(session, i), done + i, class);
    }
    assert_non_null(session);
    talloc_free(session);
}

static void judge_faulty(void *mem, const struct subject *subject)
{
    struct explore_options options = options_for(subject), nothing_said = explore_defaults();

    options.schedules = FAULTY;
    const struct explore_report *report = run(mem, subject, &options);
    assert_string_equal(class_name(report->class), subject->class);
    assert_non_null(report->token);
    every_seed(mem, subject, &options, subject->class);
    if (strncmp(subject->name, "kernels/", 8) == 0)
        every_seed(mem, subject, &nothing_said, NULL);
}

static void judge_counted(void *mem, const struct subject *subject)
{
    struct explore_options options = options_for(subject);

    options.strategy = EXPLORE_DFS;
    options.schedules = COUNT;
    options.bound = (unsigned)subject->bound;
    options.detect_races = 0;
    options.keep_outputs = 1;
    const struct explore_report *report = run(mem, subject, &options);
    if (report->class != CLASS_NONE)
        fail_msg("%s: %s: %s", subject->name, class_name(report->class), report->message);
    if (!report->exhausted)
        fail_msg("%s: not exhausted in %llu schedules", subject->name, (unsigned long long)report->run);
    if (report->output_count != (size_t)subject->outputs)
        fail_msg("%s: %zu outputs, not %d", subject->name, report->output_count, subject->outputs);
}

static void judge_unsupported(void *mem, const struct subject *subject)
{
    struct explore_options options = options_for(subject);
    const struct explore_report *report = run(mem, subject, &options);

    assert_string_equal(report->unsupported, subject->unsupported);
    assert_int_equal(report->class, CLASS_NONE);
}

static void judge(void **state)
{
    const struct subject *subject = *state;
    void *mem = talloc_new(NULL);

    if (subject->unsupported[0])
        judge_unsupported(mem, subject);
    else if (subject->outputs)
        judge_counted(mem, subject);
    else if (strcmp(subject->class, "ok") == 0)
        judge_right(mem, subject);
    else
        judge_faulty(mem, subject);
    talloc_free(mem);
}

/* --- all of them --------------------------------------------------------------------------------------- */

int main(void)
{
    glob_t paths = {0};
    char folder[] = "/tmp/deepend-kernels-XXXXXX";

    if (glob("grader/test/explore/counts/*.c", 0, NULL, &paths) != 0 ||
        glob("grader/test/explore/detectors/*.c", GLOB_APPEND, NULL, &paths) != 0 ||
        glob("grader/test/explore/kernels/*.c", GLOB_APPEND, NULL, &paths) != 0 ||
        glob("grader/test/explore/races/*.c", GLOB_APPEND, NULL, &paths) != 0 || !mkdtemp(folder))
        return 1;
    struct subject *subjects = calloc(paths.gl_pathc, sizeof *subjects);
    struct CMUnitTest *tests = calloc(paths.gl_pathc, sizeof *tests);
    for (size_t i = 0; i < paths.gl_pathc; i++) {
        subject_read(&subjects[i], paths.gl_pathv[i], folder);
        tests[i] =
            (struct CMUnitTest){.name = subjects[i].name, .test_func = judge, .initial_state = &subjects[i]};
    }
    build_all(&paths, subjects);
    int failed = _cmocka_run_group_tests("explored programs", tests, paths.gl_pathc, NULL, NULL);
    path_remove(folder);
    free(tests);
    free(subjects);
    globfree(&paths);
    return failed;
}
