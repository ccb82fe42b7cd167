/* test_run.c - the run stage tells how a program ended, each way of ending beside a near miss that is none.
 *
 * Programs are in run/programs.c, compiled here once plainly and once under ThreadSanitizer. The cases are a
 * table; a row is a program and what must be told of it.
 */
#include "base/file.h"
#include "base/process.h"
#include "run/run.h"
#include "run/talk.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <talloc.h>
#include <unistd.h>
#include <cmocka.h>

struct expectation {
    const char *program;
    enum run_end end;
    int completed, failed, signal, leaked;
};

static const struct expectation expectations[] = {
    {"passes", RUN_EXITED, 1, 0, 0, 0},
    {"fails", RUN_EXITED, 0, 1, 0, 0},
    {"notes", RUN_EXITED, 1, 0, 0, 0},
    {"deadlock", RUN_STUCK, 0, 0, 0, 0},
    {"sleeps-for-ever", RUN_STUCK, 0, 0, 0, 0},
    {"slow-but-going", RUN_EXITED, 1, 0, 0, 0},
    {"timed-wait", RUN_EXITED, 1, 0, 0, 0},
    {"spins", RUN_BUSY, 0, 0, 0, 0},
    {"sleeps", RUN_IDLE, 0, 0, 0, 0},
    {"eats-memory", RUN_MEMORY, 0, 0, 0, 0},
    {"eats-threads", RUN_THREADS, 0, 0, 0, 0},
    {"eats-stacks", RUN_THREADS, 0, 0, 0, 0},
    {"floods", RUN_OUTPUT, 0, 0, 0, 0},
    {"crashes", RUN_EXITED, 0, 0, 6, 0},
    {"many-threads", RUN_EXITED, 1, 0, 0, 0},
    {"talkative", RUN_EXITED, 1, 0, 0, 0},
    {"exits", RUN_EXITED, 0, 0, 0, 0},
    {"exits-at-once", RUN_EXITED, 0, 0, 0, 0},
    {"fakes", RUN_EXITED, 0, 0, 0, 0},
    {"closes-everything", RUN_EXITED, 0, 0, 0, 0},
    {"forks", RUN_EXITED, 0, 0, 31, 0},
    {"main-thread-leaves", RUN_EXITED, 0, 0, 0, 0},
    {"leaks-two-threads", RUN_EXITED, 1, 0, 0, 2},
    {"detached", RUN_EXITED, 1, 0, 0, 0},
    {"settles", RUN_EXITED, 1, 0, 0, 0},
    {"starts-late", RUN_EXITED, 1, 0, 0, 0},
    {"refused-thread", RUN_EXITED, 1, 0, 0, 0},
    {"fails-while-one-settles", RUN_EXITED, 0, 1, 0, 0},
    {"settles-amid-starts", RUN_EXITED, 1, 0, 0, 0},
};
enum { PROGRAMS = sizeof expectations / sizeof expectations[0] };

/* The compiled programs, made once for all tests. */
struct fixture {
    char folder[32];
    char *plain, *tsan;
};

static char *compile(void *mem, const char *folder, const char *name, const char *sanitizer)
{
    char *binary = talloc_asprintf(mem, "%s/%s", folder, name);
    char *runtime = talloc_asprintf(mem, "%s/check.o", folder);
    const char *check[] = {
        "clang", "-D_GNU_SOURCE", "-Igrader/check", "-g", "-c", "grader/check/check.c", "-o", runtime, NULL};
    const char *program[] = {"clang",
                             "-D_GNU_SOURCE",
                             "-Igrader/check",
                             "-g",
                             "-gdwarf-aranges",
                             "-O1",
                             sanitizer,
                             "grader/test/run/programs.c",
                             runtime,
                             "grader/check/create.c",
                             "-Wl,--wrap=pthread_create",
                             "-pthread",
                             "-o",
                             binary,
                             NULL};
    struct process jobs[] = {{.argv = check}, {.argv = program}};
    struct error err;

    for (int i = 0; i < 2; i++) {
        assert_int_equal(process_run(mem, &jobs[i], 1, 1, &err), 0);
        if (jobs[i].exit_code != 0)
            fail_msg("%s", jobs[i].output);
    }
    return binary;
}

static int set_up(void **state)
{
    struct fixture *fixture = talloc_zero(NULL, struct fixture);

    strcpy(fixture->folder, "/tmp/test-run-XXXXXX");
    if (!mkdtemp(fixture->folder))
        return -1;
    fixture->plain = compile(fixture, fixture->folder, "plain", "-pthread");
    fixture->tsan = compile(fixture, fixture->folder, "tsan", "-fsanitize=thread");
    *state = fixture;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;

    path_remove(fixture->folder);
    talloc_free(fixture);
    return 0;
}

/* Run COUNT programs of BINARY under one variant, by the names in NAMES. */
static struct run *run_programs(void *mem, const char *binary, const char *variant, const char *const *names,
                                size_t count)
{
    char *variants[] = {(char *)variant};
    struct check_spec *checks = talloc_zero_array(mem, struct check_spec, count);
    struct exercise *exercise = talloc_zero(mem, struct exercise);
    struct binary *built = talloc(mem, struct binary);
    struct build *build = talloc_zero(mem, struct build);
    struct run *runs;
    size_t run_count;
    struct error err;

    for (size_t i = 0; i < count; i++)
        checks[i] = (struct check_spec){.name = (char *)names[i],
                                        .variants = talloc_memdup(mem, variants, sizeof variants),
                                        .variant_count = 1};
    *built = (struct binary){variant_find(variant), (char *)binary};
    *exercise = (struct exercise){.id = "test",
                                  .checks = checks,
                                  .check_count = count,
                                  .limits = {.cpu_ms = 2000 / built->variant->time_factor,
                                             .idle_ms = 1000,
                                             .memory_mb = 64,
                                             .threads = 64,
                                             .output_kb = 64}};
    *build = (struct build){.exercise = exercise, .binaries = built, .binary_count = 1};
    if (run_checks(mem, build, &(struct run_options){0}, &runs, &run_count, &err) != 0)
        fail_msg("%s", err.text);
    assert_int_equal(run_count, count);
    return runs;
}

static void compare(const struct expectation *expected, const struct run *run)
{
    if (run->end != expected->end || run->completed != expected->completed ||
        run->failed != expected->failed || run->signal != expected->signal ||
        run->leaked_threads != expected->leaked)
        fail_msg("%s (%s): end %d completed %d failed %d signal %d leaked %d: %s", expected->program,
                 run->variant->name, run->end, run->completed, run->failed, run->signal, run->leaked_threads,
                 run->trouble        ? run->trouble
                 : run->fail_message ? run->fail_message
                                     : "");
}

static void all_endings(void *mem, const char *binary, const char *variant)
{
    const char *names[PROGRAMS];

    for (int i = 0; i < PROGRAMS; i++)
        names[i] = expectations[i].program;
    struct run *runs = run_programs(mem, binary, variant, names, PROGRAMS);
    for (int i = 0; i < PROGRAMS; i++)
        compare(&expectations[i], &runs[i]);
}

static void test_endings_native(void **state)
{
    struct fixture *fixture = *state;
    all_endings(fixture, fixture->plain, "native");
}

static void test_endings_tsan(void **state)
{
    struct fixture *fixture = *state;
    all_endings(fixture, fixture->tsan, "tsan");
}

static void test_result_reaches_the_run(void **state)
{
    struct fixture *fixture = *state;
    const char *names[] = {"fails", "notes", "passes"};
    struct run *runs = run_programs(fixture, fixture->plain, "native", names, 3);

    assert_int_equal(runs[0].fail_class, CLASS_LOST_TASK);
    assert_string_equal(runs[0].fail_message, "3 tasks were lost");
    assert_string_equal(runs[0].fail_file, "programs.c");
    assert_true(runs[0].fail_line > 0);
    assert_int_equal(runs[1].note_count, 2);
    assert_string_equal(runs[1].notes[1], "row 2");
    assert_string_equal(runs[2].output, "hello\n");
}

/* A deadlock names both threads, what each waits for, and who holds it. */
static void test_stacks_of_a_deadlock(void **state)
{
    struct fixture *fixture = *state;
    const char *names[] = {"deadlock"};
    const char *functions[] = {"deadlock", "takes_second_then_first"};
    struct run *run = run_programs(fixture, fixture->plain, "native", names, 1);

    assert_int_equal(run->stack_count, 2);
    for (int i = 0; i < 2; i++) {
        const struct thread_stack *stack = &run->stacks[i];
        int found = 0;
        assert_string_equal(stack->waits, "pthread_mutex_lock");
        assert_int_equal(stack->holder, 1 - i);
        for (size_t f = 0; f < stack->frame_count; f++)
            found |= stack->frames[f].function && !strcmp(stack->frames[f].function, functions[i]) &&
                     stack->frames[f].file && strstr(stack->frames[f].file, "programs.c") &&
                     stack->frames[f].line > 0;
        assert_true(found);
    }
}

static void test_gates_hide_no_race(void **state)
{
    struct fixture *fixture = *state;
    const char *names[] = {"race-through-a-gate", "settles"};

    for (int i = 0; i < 20; i++) {
        struct run *runs = run_programs(fixture, fixture->tsan, "tsan", names, 2);
        assert_non_null(strstr(runs[0].log, "data race"));
        assert_string_equal(runs[1].log, "");
    }
}

/* What a process said before it ended is heard, also when it ends with answers of ours unread. */
static void test_no_failure_is_missed(void **state)
{
    struct fixture *fixture = *state;
    const char *names[64];

    for (int i = 0; i < 64; i++)
        names[i] = "fails-amid-questions";
    struct run *runs = run_programs(fixture, fixture->plain, "native", names, 64);
    for (int i = 0; i < 64; i++)
        assert_int_equal(runs[i].failed, 1);
    names[0] = "fails-while-one-settles";
    assert_int_equal(run_programs(fixture, fixture->plain, "native", names, 1)->fail_class, CLASS_LOST_TASK);
}

/* The kernel tells that a process left without reading our answer before it hands out what that process had
 * sent. */
static void test_last_words_before_a_reset(void **state)
{
    struct run run = {0};
    struct talk talk = {0};
    char nonce[CHECK_NONCE + 1] = "", packet[128];
    int sockets[2], yes = 1;

    (void)state;
    assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, sockets), 0);
    assert_int_equal(setsockopt(sockets[0], SOL_SOCKET, SO_PASSCRED, &yes, sizeof yes), 0);
    talk.socket = sockets[0];
    assert_int_equal(send(sockets[1], "hello", 5, 0), 5);
    assert_int_equal(talk_hear(NULL, &talk, &run), HEARD_HELLO);
    assert_int_equal(recv(sockets[1], nonce, CHECK_NONCE, 0), CHECK_NONCE);
    snprintf(packet, sizeof packet, "%s fail lost-task check.c 7 it was lost", nonce);
    assert_true(send(sockets[1], packet, strlen(packet), 0) > 0);
    talk_answer(&talk, 1);
    close(sockets[1]);
    assert_int_equal(talk_hear(NULL, &talk, &run), HEARD_RESULT);
    assert_int_equal(run.failed, 1);
    assert_int_equal(talk_hear(NULL, &talk, &run), HEARD_END);
    close(sockets[0]);
}

/* A process that cannot be started is the grader's trouble, not the learner's. */
static void test_not_started(void **state)
{
    struct fixture *fixture = *state;
    char *nothing = talloc_asprintf(fixture, "%s/nothing", fixture->folder);
    const char *names[] = {"passes"};

    assert_int_equal(file_replace(nothing, "#!/no/such/program\n", 19, NULL), 0);
    struct run *run = run_programs(fixture, nothing, "native", names, 1);
    assert_int_equal(run->end, RUN_NOT_STARTED);
    assert_non_null(run->trouble);
}

/* Nothing that was started is left when run_checks returns, once the kernel has torn the namespace down. */
static void test_nothing_is_left(void **state)
{
    struct fixture *fixture = *state;
    const char *names[] = {"sleeps", "eats-threads", "detached"};
    char *search = talloc_asprintf(fixture,
                                   "ls -l /proc/[0-9]*/exe 2>/dev/null | grep -F %s/plain; "
                                   "ls -d /tmp/deepend-run-%d-* 2>/dev/null",
                                   fixture->folder, (int)getpid());
    const char *argv[] = {"sh", "-c", search, NULL};
    struct process job = {.argv = argv};

    run_programs(fixture, fixture->plain, "native", names, 3);
    for (int i = 0; i < 200; i++) {
        assert_int_equal(process_run(fixture, &job, 1, 1, NULL), 0);
        if (job.output[0] == '\0')
            return;
        usleep(50 * 1000);
    }
    fail_msg("left behind: %s", job.output);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_endings_native),
        cmocka_unit_test(test_endings_tsan),
        cmocka_unit_test(test_result_reaches_the_run),
        cmocka_unit_test(test_stacks_of_a_deadlock),
        cmocka_unit_test(test_gates_hide_no_race),
        cmocka_unit_test(test_no_failure_is_missed),
        cmocka_unit_test(test_last_words_before_a_reset),
        cmocka_unit_test(test_not_started),
        cmocka_unit_test(test_nothing_is_left),
    };
    return cmocka_run_group_tests_name("run", tests, set_up, tear_down);
}
