/* test_observe_outcome.c - what is made of the way a run ended: by itself, by a signal, by the watchdog. */
#include "fixture_runs.h"

#include <signal.h>

/* --- stacks --------------------------------------------------------------------------------------------- */

enum { THREADS = 7 };

/* A thread that waits in CALL, called on LINE of the learner's file; the C library's own frame is inside. */
static struct thread_stack standing(void *mem, int number, const char *call, int holder, int line)
{
    struct frame *frames = talloc_zero_array(mem, struct frame, 3);

    frames[0] = (struct frame){"__futex_wait", "./nptl/./nptl/futex-internal.c", 103};
    frames[1] = (struct frame){"run", "./tasks.c", line};
    frames[2] = (struct frame){"check_main", "grader/check/check.c", 400};
    return (struct thread_stack){number, call, holder, frames, 3};
}

static int begin(void **state)
{
    *state = talloc_new(NULL);
    return 0;
}

static int end(void **state)
{
    talloc_free(*state);
    return 0;
}

static struct run stuck_run(struct thread_stack *stacks, size_t count)
{
    struct run run = fixture_run("tsan");

    run.end = RUN_STUCK;
    run.completed = 0;
    run.stacks = stacks;
    run.stack_count = count;
    return run;
}

static void test_circle_is_told_first(void **state)
{
    struct thread_stack stacks[] = {
        standing(*state, 0, "pthread_join", -1, 30),
        standing(*state, 1, "pthread_cond_wait", -1, 33),
        standing(*state, 2, "pthread_mutex_lock", 3, 14),
        standing(*state, 3, "pthread_mutex_lock", 2, 20),
    };
    struct run run = stuck_run(stacks, 4);
    const struct observation *o = fixture_observe(*state, &run);

    expect_one(o, CLASS_LOST_WAKEUP,
               "Nothing can ever go on: thread 2 waits for a mutex that thread 3 holds (line 14); thread 3 "
               "waits for a mutex "
               "that thread 2 holds (line 20); the main thread waits for another thread to end (line 30); "
               "thread 1 waits for a "
               "condition (line 33).");
    assert_int_equal(o->findings[0].where_count, 4);
    assert_int_equal(o->findings[0].where[0].line, 14);
    assert_string_equal(o->findings[0].where[0].what, "thread 2 waits for a mutex that thread 3 holds");
    assert_string_equal(o->findings[0].where[0].source, "statement(14);");
    assert_int_equal(o->findings[0].where[0].learner, 1);
}

static void test_lock_of_its_own(void **state)
{
    struct thread_stack stacks[] = {standing(*state, 0, "pthread_mutex_lock", 0, 9)};
    struct run run = stuck_run(stacks, 1);

    expect_one(fixture_observe(*state, &run), CLASS_LOST_WAKEUP,
               "Nothing can ever go on: the main thread waits for a mutex that it already holds (line 9).");
}

/* With two threads, the one that joins can only join the other: a circle. */
static void test_join_of_the_only_other(void **state)
{
    struct thread_stack stacks[] = {
        standing(*state, 0, "pthread_join", -1, 30),
        standing(*state, 1, "pthread_mutex_lock", 0, 14),
    };
    struct run run = stuck_run(stacks, 2);

    expect_one(fixture_observe(*state, &run), CLASS_LOST_WAKEUP,
               "Nothing can ever go on: the main thread waits for thread 1 to end (line 30); thread 1 waits "
               "for a mutex that "
               "the main thread holds (line 14).");
}

static void test_equal_stands_are_told_together(void **state)
{
    struct thread_stack stacks[THREADS] = {
        standing(*state, 0, "pthread_cond_wait", -1, 33), standing(*state, 1, "pthread_cond_wait", -1, 33),
        standing(*state, 2, "pthread_cond_wait", -1, 34), standing(*state, 3, "pthread_cond_wait", -1, 33),
        standing(*state, 4, "gate_wait", -1, 33),         standing(*state, 5, "some_call", -1, 35),
        standing(*state, 6, "sem_wait", -1, 36),
    };
    struct run run = stuck_run(stacks, THREADS);

    const struct observation *o = fixture_observe(*state, &run);
    expect_one(o, CLASS_LOST_WAKEUP,
               "Nothing can ever go on: the main thread and threads 1 and 3 wait for a condition (line 33); "
               "thread 2 waits for a "
               "condition (line 34); thread 4 waits for the check to open a gate (line 33); thread 5 is in "
               "`some_call` (line "
               "35); and others.");
    assert_int_equal(o->findings[0].where_count, 4); /* line 33 is one place */
}

static void test_stuck_without_stacks(void **state)
{
    struct run run = stuck_run(NULL, 0);

    run.variant = variant_find("memcheck"); /* its log is cut off, which is nobody's fault */
    expect_one(fixture_observe(*state, &run), CLASS_LOST_WAKEUP,
               "Every thread waits for another one, so nothing can ever go on.");
}

/* Where no frame is the learner's or the exercise's, no place is told. */
static void test_library_frames_are_hidden(void **state)
{
    struct frame frames[] = {{"pause", "../sysdeps/unix/sysv/linux/pause.c", 29},
                             {"tasks", "/usr/src/libfoo/tasks.c", 3},
                             {"start", "grader/check/check.c", 3},
                             {"none", "tasks.c", 0}};
    struct thread_stack stacks[] = {{0, "sleep", -1, frames, 4}};
    struct run run = stuck_run(stacks, 1);
    const struct observation *o = fixture_observe(*state, &run);

    expect_one(o, CLASS_LOST_WAKEUP, "Nothing can ever go on: the main thread sleeps.");
    assert_int_equal(o->findings[0].where_count, 0);
}

static void test_exercise_frame_when_there_is_no_learners(void **state)
{
    struct frame frames[] = {{"pool_drain", "reference/core/pool.c", 77},
                             {"drains", "exercises/junior/01-x/check.c", 12}};
    struct thread_stack stacks[] = {{0, "pthread_cond_wait", -1, frames, 2}};
    struct run run = stuck_run(stacks, 1);
    const struct observation *o = fixture_observe(*state, &run);

    expect_one(o, CLASS_LOST_WAKEUP,
               "Nothing can ever go on: the main thread waits for a condition (line 77 of pool.c).");
    assert_int_equal(o->findings[0].where[0].learner, 0);
}

/* The learner's frame is shown, with what it called. */
static void test_learners_frame_above_the_exercises(void **state)
{
    struct frame frames[] = {{"pool_drain", "reference/core/pool.c", 77}, {"finish", "tasks.c", 12}};
    struct thread_stack stacks[] = {{0, "pthread_cond_wait", -1, frames, 2}};
    struct run run = stuck_run(stacks, 1);
    const struct observation *o = fixture_observe(*state, &run);

    expect_one(o, CLASS_LOST_WAKEUP,
               "Nothing can ever go on: the main thread waits for a condition (line 12).");
    assert_string_equal(o->findings[0].where[0].what,
                        "the main thread waits for a condition in `pool_drain`, called here");
}

/* --- the watchdog --------------------------------------------------------------------------------------- */

static void test_limits(void **state)
{
    struct thread_stack stacks[] = {standing(*state, 0, NULL, -1, 5)};
    static const struct {
        enum run_end end;
        enum verdict_class class;
        const char *message;
    } cases[] = {
        {RUN_IDLE, CLASS_TIMEOUT,
         "The program slept for longer than the whole check may take: the main thread is running (line 5)."},
        {RUN_BUSY, CLASS_TIMEOUT,
         "The program kept working for longer than the whole check may take, and did not finish: the main "
         "thread is running "
         "(line 5)."},
        {RUN_MEMORY, CLASS_OVERLOAD, "The program grew to 300 MB of memory, more than this check allows."},
        {RUN_THREADS, CLASS_OVERLOAD, "The program started more threads than the 8 that this check allows."},
        {RUN_OUTPUT, CLASS_OVERLOAD, "The program printed more than the 64 KB that this check allows."},
    };

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct run run = stuck_run(stacks, 1);
        run.end = cases[i].end;
        run.peak_kb = 300 * 1024;
        expect_one(fixture_observe(*state, &run), cases[i].class, cases[i].message);
    }
}

static void test_leaked_threads(void **state)
{
    struct thread_stack stacks[] = {
        {.number = 0, .holder = -1},
        standing(*state, 1, "pthread_cond_wait", -1, 33),
        standing(*state, 2, "pthread_cond_wait", -1, 33),
    };
    struct run run = fixture_run("native");

    run.leaked_threads = 2;
    run.stacks = stacks;
    run.stack_count = 3;
    expect_one(
        fixture_observe(*state, &run), CLASS_THREAD_LEAK,
        "2 threads are still there when the work is over: threads 1 and 2 wait for a condition (line 33).");
    run.leaked_threads = 1;
    run.stack_count = 0;
    expect_one(fixture_observe(*state, &run), CLASS_THREAD_LEAK,
               "1 thread is still there when the work is over.");
}

/* --- by itself -------------------------------------------------------------------------------------------
 */

static void test_good_end(void **state)
{
    static const char *const variants[] = {"native", "tsan", "memory"};

    for (size_t i = 0; i < 3; i++) {
        struct run run = fixture_run(variants[i]);
        const struct observation *o = fixture_observe(*state, &run);
        assert_int_equal(o->finding_count, 0);
        assert_null(o->trouble);
    }
}

static void test_early_exit(void **state)
{
    struct run run = fixture_run("native");

    run.completed = 0;
    run.exit_code = 0;
    expect_one(fixture_observe(*state, &run), CLASS_TAMPERED,
               "The program ended before the check did, with status 0.");
}

static void test_failed_check(void **state)
{
    struct run run = fixture_run("native");

    run.completed = 0;
    run.failed = 1;
    run.exit_code = 71;
    run.fail_class = CLASS_WRONG_ORDER;
    run.fail_file = "check.c";
    run.fail_line = 12;
    run.fail_message = "the second task ran first";
    const struct observation *o = fixture_observe(*state, &run);
    expect_one(o, CLASS_WRONG_ORDER, "the second task ran first");
    assert_string_equal(o->findings[0].where[0].file, "check.c");
    assert_int_equal(o->findings[0].where[0].line, 12);
    assert_int_equal(o->findings[0].where[0].learner, 0);
}

static void test_signals(void **state)
{
    static const struct {
        int signal;
        enum verdict_class class;
        const char *message;
    } cases[] = {
        {SIGSEGV, CLASS_CRASH, "The program was killed by signal 11 (Segmentation fault)."},
        {SIGKILL, CLASS_CRASH, "The program was killed by signal 9 (Killed)."},
        {SIGSYS, CLASS_FORBIDDEN, "The program was killed by signal 31 (Bad system call)."},
        {SIGXFSZ, CLASS_OVERLOAD, "The program was killed by signal 25 (File size limit exceeded)."},
    };

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct run run = fixture_run("native");
        run.signal = cases[i].signal;
        expect_one(fixture_observe(*state, &run), cases[i].class, cases[i].message);
    }
}

/* --- not the learner's fault ------------------------------------------------------------------------------
 */

static void test_not_judged(void **state)
{
    static const enum run_end ends[] = {RUN_NOT_STARTED, RUN_ABANDONED};

    for (size_t i = 0; i < 2; i++) {
        struct run run = fixture_run("tsan");
        run.end = ends[i];
        run.completed = 0;
        run.trouble = "no processor";
        expect_trouble(fixture_observe(*state, &run), "no processor");
        run.trouble = NULL;
        expect_trouble(fixture_observe(*state, &run), "could not be run");
    }
}

/* A tool that ends with its own status has something to say: when it is not there, nobody may pass. */
static void test_missing_report(void **state)
{
    static const char *const sanitizers[] = {"tsan", "memory"}, *const valgrinds[] = {"memcheck", "helgrind"};

    for (size_t i = 0; i < 2; i++) {
        struct run run = fixture_run(sanitizers[i]);
        run.exit_code = 72;
        expect_trouble(fixture_observe(*state, &run), "missing or incomplete");
        run = fixture_run(valgrinds[i]);
        expect_trouble(fixture_observe(*state, &run), "missing or incomplete");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_circle_is_told_first, begin, end),
        cmocka_unit_test_setup_teardown(test_lock_of_its_own, begin, end),
        cmocka_unit_test_setup_teardown(test_join_of_the_only_other, begin, end),
        cmocka_unit_test_setup_teardown(test_equal_stands_are_told_together, begin, end),
        cmocka_unit_test_setup_teardown(test_stuck_without_stacks, begin, end),
        cmocka_unit_test_setup_teardown(test_library_frames_are_hidden, begin, end),
        cmocka_unit_test_setup_teardown(test_exercise_frame_when_there_is_no_learners, begin, end),
        cmocka_unit_test_setup_teardown(test_learners_frame_above_the_exercises, begin, end),
        cmocka_unit_test_setup_teardown(test_limits, begin, end),
        cmocka_unit_test_setup_teardown(test_leaked_threads, begin, end),
        cmocka_unit_test_setup_teardown(test_good_end, begin, end),
        cmocka_unit_test_setup_teardown(test_early_exit, begin, end),
        cmocka_unit_test_setup_teardown(test_failed_check, begin, end),
        cmocka_unit_test_setup_teardown(test_signals, begin, end),
        cmocka_unit_test_setup_teardown(test_not_judged, begin, end),
        cmocka_unit_test_setup_teardown(test_missing_report, begin, end),
    };
    return cmocka_run_group_tests_name("observe, how a run ended", tests, NULL, NULL);
}
