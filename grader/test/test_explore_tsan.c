/* test_explore_tsan.c - the explorer over ThreadSanitizer: races are reported in every schedule that has one,
 * at the lines that the sanitizer tells with real threads, and correct programs give no alarm.
 */
#include "base/file.h"
#include "base/process.h"
#include "explore/explore.h"
#include "explore/session.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <talloc.h>

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

enum { SEEDS = 100, RIGHT = 30 };

struct folder {
    char path[64];
    void *mem;
};

static int begin(void **state)
{
    struct folder *folder = calloc(1, sizeof *folder);

    strcpy(folder->path, "/tmp/deepend-explore-XXXXXX");
    folder->mem = talloc_new(NULL);
    *state = folder;
    return mkdtemp(folder->path) ? 0 : -1;
}

static int end(void **state)
{
    struct folder *folder = *state;

    path_remove(folder->path);
    talloc_free(folder->mem);
    free(folder);
    return 0;
}

/* The program NAME of grader/test/explore/races/, built. */
static struct explore_target build(const struct folder *folder, const char *name, int sanitizer)
{
    struct error err;
    char *source = talloc_asprintf(folder->mem, "grader/test/explore/races/%s.c", name);
    char *binary = talloc_asprintf(folder->mem, "%s/%s.%d", folder->path, name, sanitizer);
    const char *const files[] = {source, NULL};

    if (explore_compile(folder->mem, ".", files, NULL, sanitizer, binary, &err) != 0)
        fail_msg("%s: %s", name, err.text);
    return (struct explore_target){.binary = binary};
}

/* How many of COUNT schedules failed, each with a seed of its own; *CLASS: how the first one did. */
static unsigned long failed_of(const struct folder *folder, const char *name, uint64_t count,
                               enum verdict_class *class)
{
    struct explore_target target = build(folder, name, 1);
    struct error err;
    struct explore_session *session = session_start(folder->mem, &target, 1, &err);
    struct explore_request request = {.version = EXPLORE_VERSION,
                                      .strategy = EXPLORE_RANDOM,
                                      .seed = 1,
                                      .stride = 1,
                                      .count = count,
                                      .step_limit = 20000};

    assert_non_null(session);
    assert_int_equal(session_ask(session, 0, &request, &err), 0);
    assert_int_equal(session_wait(session, &err), 0);
    const struct explore_arena *arena = session_arena(session, 0);
    unsigned long failed = (unsigned long)arena->batch.failed;
    *class = (enum verdict_class)arena->last.class;
    assert_int_equal(arena->batch.run, count);
    talloc_free(session);
    return failed;
}

/* The lock is removed: nothing that the explorer does itself orders the two in the sanitizer's eyes. */
static void test_every_seed(void **state)
{
    static const char *const racy[] = {"nothing", "two_mutexes", "barrier_early", "semaphore_early",
                                       "copied_struct"};
    enum verdict_class class;

    for (size_t i = 0; i < sizeof racy / sizeof racy[0]; i++) {
        assert_int_equal(failed_of(*state, racy[i], SEEDS, &class), SEEDS);
        assert_int_equal(class, CLASS_RACE);
    }
}

static void test_no_alarm(void **state)
{
    static const char *const right[] = {"mutex_ok",   "release_flag_ok", "semaphore_ok",
                                        "barrier_ok", "once_ok",         "condition_ok",
                                        "rwlock_ok",  "join_ok",         "handed_over_ok"};
    enum verdict_class class;

    for (size_t i = 0; i < sizeof right / sizeof right[0]; i++)
        if (failed_of(*state, right[i], RIGHT, &class) != 0)
            fail_msg("%s: %s", right[i], class_name(class));
}

/* --- the same two lines --------------------------------------------------------------------------------- */

static void sort_two(int lines[2])
{
    if (lines[0] > lines[1]) {
        int low = lines[1];
        lines[1] = lines[0];
        lines[0] = low;
    }
}

/* The lines of the two accesses, as the sanitizer tells them of the program run by itself. */
static void lines_of_sanitizer(const struct folder *folder, const char *name, int lines[2])
{
    struct error err;
    char *source = talloc_asprintf(folder->mem, "grader/test/explore/races/%s.c", name);
    char *binary = talloc_asprintf(folder->mem, "%s/%s.real", folder->path, name);
    const char *compile[] = {"clang", "-fsanitize=thread", "-O1", "-g", "-pthread", source, "-o", binary,
                             NULL};
    const char *run[] = {"env", "TSAN_OPTIONS=report_bugs=1:external_symbolizer_path=/usr/bin/addr2line",
                         binary, NULL};
    struct process jobs[] = {{.argv = compile, .cpu_seconds = 60}, {.argv = run, .cpu_seconds = 60}};
    char *file = talloc_asprintf(folder->mem, "%s.c:", name);
    int found = 0;

    assert_int_equal(process_run(folder->mem, &jobs[0], 1, 1, &err), 0);
    assert_int_equal(process_run(folder->mem, &jobs[1], 1, 1, &err), 0);
    for (const char *at = jobs[1].output; found < 2 && (at = strstr(at, "#0 ")); at += 3) {
        const char *place = strstr(at, file);
        assert_non_null(place);
        lines[found++] = atoi(place + strlen(file));
    }
    assert_int_equal(found, 2);
    sort_two(lines);
}

/* The same as the explorer tells them. */
static void lines_of_explorer(const struct folder *folder, const char *name, int sanitizer, int lines[2])
{
    struct explore_target target = build(folder, name, sanitizer);
    struct explore_options options = explore_defaults();
    struct explore_report *report;
    struct error err;
    int found = 0;

    options.schedules = 100;
    options.memory_points = 0;
    if (explore_run(folder->mem, &target, &options, &report, &err) != 0)
        fail_msg("%s", err.text);
    assert_int_equal(report->class, CLASS_RACE);
    for (size_t i = 0; i < report->where_count && found < 2; i++)
        lines[found++] = report->where[i].line;
    assert_int_equal(found, 2);
    sort_two(lines);
}

static void test_same_lines(void **state)
{
    static const char *const racy[] = {
        "nothing", "two_mutexes", "semaphore_early", "write_under_read_lock", "before_join", "copied_struct"};

    for (size_t i = 0; i < sizeof racy / sizeof racy[0]; i++) {
        int real[2];
        lines_of_sanitizer(*state, racy[i], real);
        for (int sanitizer = 0; sanitizer < 2; sanitizer++) {
            int told[2];
            lines_of_explorer(*state, racy[i], sanitizer, told);
            if (told[0] != real[0] || told[1] != real[1])
                fail_msg("%s (%d): lines %d and %d, not %d and %d", racy[i], sanitizer, told[0], told[1],
                         real[0], real[1]);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_every_seed, begin, end),
        cmocka_unit_test_setup_teardown(test_no_alarm, begin, end),
        cmocka_unit_test_setup_teardown(test_same_lines, begin, end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
