/* test_observe_logs.c - logs that real programs give too rarely: the tools' own failures, newer wordings,
 * logs that are cut off or hostile; and the order of findings, which must tell nothing of luck.
 */
#include "fixture_runs.h"
#include "observe/complaint.h"

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

static const struct observation *observe_log(void *mem, const char *variant, const char *log, int completed)
{
    struct run *run = talloc(mem, struct run);

    *run = fixture_run(variant);
    run->log = talloc_strdup(mem, log);
    run->completed = completed;
    run->exit_code = 72;
    return fixture_observe(mem, run);
}

/* --- the tools' own failures -------------------------------------------------------------------------------
 */

static void test_failures_are_trouble(void **state)
{
    static const struct {
        const char *variant, *log;
    } cases[] = {
        {"tsan", "FATAL: ThreadSanitizer: unexpected memory mapping 0x5a5d5ad5d000-0x5a5d5ad7e000\n"},
        {"tsan", "ThreadSanitizer: CHECK failed: tsan_rtl.cpp:420 \"((res)) != (0)\" (0x0, 0x0) (tid=9)\n"
                 "    #0 <null> <null> (binary+0xb5482)\n"},
        {"tsan",
         "==9==ERROR: ThreadSanitizer failed to allocate 0x1000 (4096) bytes of stack (error code: 12)\n"},
        {"tsan", "ThreadSanitizer: internal allocator is out of memory trying to allocate 0x40 bytes\n"},
        {"memory", "==9==LeakSanitizer has encountered a fatal error.\n"
                   "==9==HINT: LeakSanitizer does not work under ptrace (strace, gdb, etc)\n"},
        {"memory",
         "==9==Shadow memory range interleaves with an existing memory mapping. ASan cannot proceed.\n"},
        {"memory", "==9==ERROR: AddressSanitizer: out of memory: allocator is trying to allocate 0x10 bytes\n"
                   "    #0 0x55  (/bin/x+0xa4)\n\nSUMMARY: AddressSanitizer: out-of-memory (/bin/x+0xa4)\n"},
        {"memory",
         "AddressSanitizer: CHECK failed: asan_thread.cpp:322 \"((ptr[0])) == (1)\" (0x0, 0x1) (tid=9)\n"},
    };

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        for (int completed = 0; completed < 2; completed++)
            expect_trouble(observe_log(*state, cases[i].variant, cases[i].log, completed), "failed: ");
}

/* A warning of the tool's about itself is no failure. */
static void test_warnings_are_nothing(void **state)
{
    static const char log[] =
        "==9==WARNING: AddressSanitizer failed to allocate 0x1000000000000 bytes\n"
        "==9==WARNING: ASan is ignoring requested __asan_handle_no_return: stack type: default\n";
    struct run run = fixture_run("memory");

    run.log = (char *)log;
    const struct observation *o = fixture_observe(*state, &run);
    assert_int_equal(o->finding_count, 0);
    assert_null(o->trouble);
}

/* What the learner did stays a finding when the tool fails afterwards. */
static void test_failure_after_a_race(void **state)
{
    const struct observation *o = observe_log(
        *state, "tsan",
        "==================\nWARNING: ThreadSanitizer: data race (pid=9)\n"
        "  Write of size 4 at 0x7b0c00000000 by main thread:\n    #0 <null> <null> (binary+0x10)\n\n"
        "  Previous read of size 4 at 0x7b0c00000000 by thread T1:\n    #0 <null> <null> (binary+0x20)\n\n"
        "SUMMARY: ThreadSanitizer: data race (binary+0x10)\n==================\n"
        "ThreadSanitizer: CHECK failed: tsan_rtl.cpp:420 \"(0)\" (0x0, 0x0) (tid=9)\n",
        0);

    assert_int_equal(o->finding_count, 1);
    assert_int_equal(o->findings[0].class, CLASS_RACE);
    assert_string_equal(
        o->findings[0].message,
        "One thread changes the same memory while another one uses it: nothing orders the two.");
    assert_non_null(strstr(o->findings[0].raw, "WARNING: ThreadSanitizer: data race"));
    assert_non_null(o->trouble);
}

static void test_too_many_threads_for_the_tool(void **state)
{
    expect_one(
        observe_log(*state, "tsan", "ThreadSanitizer: Thread limit (8128 threads) exceeded. Dying.\n", 0),
        CLASS_OVERLOAD, "The program starts thousands of threads.");
}

static void test_crash_in_a_crash(void **state)
{
    const struct observation *o = observe_log(
        *state, "tsan",
        "ThreadSanitizer:DEADLYSIGNAL\nThreadSanitizer: nested bug in the same thread, aborting.\n", 0);

    expect_one(o, CLASS_CRASH, "The program crashed so badly that not even its place could be told.");
}

/* --- words that clang 14 does not use or rarely says
 * ------------------------------------------------------------ */

static void test_other_titles(void **state)
{
    static const struct {
        const char *variant, *log;
        enum verdict_class class;
        const char *message;
    } cases[] = {
        {"tsan",
         "WARNING: ThreadSanitizer: double lock of a mutex (pid=9)\n    #0 <null> <null> (binary+0x10)\n",
         CLASS_MISUSE, "The program locks a mutex that this thread holds already."},
        {"tsan",
         "WARNING: ThreadSanitizer: signal-unsafe call inside of a signal (pid=9)\n    #0 <null> <null> "
         "(b+0x1)\n",
         CLASS_UNDEFINED, "The program calls `a function` in a signal handler, where it must not be called."},
        {"tsan",
         "WARNING: ThreadSanitizer: signal handler spoils errno (pid=9)\n    #0 <null> <null> (b+0x1)\n",
         CLASS_UNDEFINED, "The signal handler at the program changes errno."},
        {"tsan",
         "WARNING: ThreadSanitizer: heap-use-after-free (pid=9)\n"
         "  Read of size 1 at 0x7b0c00000000 by main thread (mutexes: write M0):\n    #0 <null> <null> "
         "(b+0x1)\n\n"
         "  Previous write of size 8 at 0x7b0c00000000 by main thread:\n    #0 <null> <null> (b+0x1)\n",
         CLASS_INVALID_MEMORY, "The program reads memory that has already been freed."},
        {"tsan", "WARNING: ThreadSanitizer: something new (pid=9)\n    #0 <null> <null> (b+0x1)\n",
         CLASS_MISUSE, "The program is where this was seen: something new."},
        {"memory",
         "==9==ERROR: AddressSanitizer: heap-buffer-overflow on address 0x60 at pc 0x1 bp 0x2 sp 0x3\n"
         "READ of size 4 at 0x60 thread T0\n    #0 0x1  (/b+0x1)\n\n"
         "0x60 is located 4 bytes before 16-byte region [0x64,0x74)\nallocated by thread T0 here:\n"
         "    #0 0x1  (/b+0x1)\n",
         CLASS_INVALID_MEMORY, "The program reads memory in front of an allocated block."},
        {"memory",
         "==9==ERROR: AddressSanitizer: requested allocation size 0xfffff exceeds maximum supported size\n",
         CLASS_OVERLOAD, "The program asks for more memory than there can be."},
        {"memory",
         "==9==ERROR: AddressSanitizer: memcpy-param-overlap: memory ranges [0x1,0x5) and [0x2, 0x6) "
         "overlap\n",
         CLASS_UNDEFINED, "The program copies between two pieces of memory that overlap."},
        {"memory", "==9==ERROR: AddressSanitizer: negative-size-param: (size=-1)\n", CLASS_INVALID_MEMORY,
         "The program passes a negative length to a function that takes a size."},
        {"memory", "tasks.c:7:9: runtime error: shift exponent 43 is too large for 32-bit type 'int'\n",
         CLASS_UNDEFINED, "Line 7: shift exponent 43 is too large for 32-bit type 'int'."},
    };

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const struct observation *o = observe_log(*state, cases[i].variant, cases[i].log, 1);
        expect_one(o, cases[i].class, cases[i].message);
        assert_true(o->findings[0].where_count == 0 || o->findings[0].where[0].line == 7);
    }
}

/* --- logs that are cut off, or hostile
 * ------------------------------------------------------------------------------ */

static const char race_log[] =
    "WARNING: ThreadSanitizer: data race (pid=9)\n"
    "  Write of size 4 at 0x7b0c00000000 by main thread:\n    #0 <null> <null> (binary+0x10)\n\n"
    "  Previous read of size 4 at 0x7b0c00000000 by thread T1:\n    #0 <null> <null> (binary+0x20)\n";

static const char leak_xml[] =
    "<?xml version=\"1.0\"?><valgrindoutput><protocoltool>memcheck</protocoltool>"
    "<error><unique>0x0</unique><kind>Leak_DefinitelyLost</kind><xwhat><text>16 bytes in 1 blocks are "
    "definitely lost in loss "
    "record 1 of "
    "1</text></xwhat><stack><frame><obj>/nowhere/binary</obj><fn>make</fn><dir>.</dir><file>tasks.c</file>"
    "<line>9</line></frame></stack></error></valgrindoutput>";

/* Cut anywhere, a log is read without a crash, and what is complete in it is told. */
static void test_every_prefix(void **state)
{
    for (size_t length = 0; length <= strlen(race_log); length++) {
        void *mem = talloc_new(*state);
        const struct observation *o = observe_log(mem, "tsan", talloc_strndup(mem, race_log, length), 1);
        assert_true(o->finding_count <= 1);
        assert_true(o->finding_count == 1 || o->trouble);
        talloc_free(mem);
    }
    for (size_t length = 0; length <= strlen(leak_xml); length++) {
        void *mem = talloc_new(*state);
        const struct observation *o = observe_log(mem, "memcheck", talloc_strndup(mem, leak_xml, length), 1);
        int told = length >= (size_t)(strstr(leak_xml, "</error>") + 8 - leak_xml);
        assert_int_equal(o->finding_count, told);
        assert_int_equal(o->trouble == NULL, told && length == strlen(leak_xml));
        talloc_free(mem);
    }
}

static void test_leaks_of_a_check_that_was_cut_short(void **state)
{
    static const char asan[] =
        "==9==ERROR: LeakSanitizer: detected memory leaks\n\n"
        "Direct leak of 48 byte(s) in 3 object(s) allocated from:\n    #0 0x1  (/b+0x1)\n";

    expect_one(observe_log(*state, "memcheck", leak_xml, 1), CLASS_MEMORY_LEAK,
               "Line 9 allocates 16 bytes that nobody ever frees.");
    expect_one(observe_log(*state, "memory", asan, 1), CLASS_MEMORY_LEAK,
               "The program allocates 3 blocks, 48 bytes in all, that nobody ever frees.");
    expect_one(observe_log(*state, "memory", asan, 0), CLASS_TAMPERED,
               "The program ended before the check did.");
    expect_one(observe_log(*state, "memcheck", leak_xml, 0), CLASS_TAMPERED,
               "The program ended before the check did, with status 72.");
}

static void test_thread_leak_of_a_check_that_was_cut_short(void **state)
{
    static const char log[] =
        "WARNING: ThreadSanitizer: thread leak (pid=9)\n"
        "  Thread T6 (tid=10, finished) created by main thread at:\n    #0 <null> <null> (binary+0x1)\n\n"
        "  And 2 more similar thread leaks.\n\nSUMMARY: ThreadSanitizer: thread leak (binary+0x1)\n";
    const struct observation *o = observe_log(*state, "tsan", log, 1);

    expect_one(o, CLASS_THREAD_LEAK,
               "The thread that the program started has ended, and nobody joined or detached it.");
    assert_int_equal(o->findings[0].times, 3);
    expect_one(observe_log(*state, "tsan", log, 0), CLASS_TAMPERED,
               "The program ended before the check did.");
}

/* A library's file of the same name is not the learner's; how often an error was seen stands at the log's
 * end. */
static void test_valgrinds_details(void **state)
{
    char *log = talloc_strdup(*state, leak_xml), *other;

    memcpy(strstr(log, "/nowhere/binary"), "/nowhere/bin.so", 15);
    expect_one(observe_log(*state, "memcheck", log, 1), CLASS_MEMORY_LEAK,
               "The program allocates 16 bytes that nobody ever frees.");
    other = talloc_asprintf(
        *state,
        "%.*s<error><unique>0x1</unique><kind>UninitCondition</kind><what>Conditional jump</what>"
        "</error><errorcounts><pair><count>7</count><unique>0x1</unique></pair></errorcounts>"
        "<suppcounts><pair><count>9</count><name>x</name></pair></suppcounts></valgrindoutput>",
        (int)(strstr(leak_xml, "<error>") - leak_xml), leak_xml);
    const struct observation *o = observe_log(*state, "memcheck", other, 1);
    expect_one(o, CLASS_UNDEFINED, "The program makes a decision by a value that was never set.");
    assert_int_equal(o->findings[0].times, 7);
    assert_string_equal(o->findings[0].raw, "UninitCondition\nConditional jump\n");
}

static void test_noise(void **state)
{
    char *noise = talloc_array(*state, char, 100001);
    unsigned seed = 12345;

    for (int i = 0; i < 100000; i++) {
        seed = seed * 1103515245u + 12345u;
        noise[i] = " #+0x(){}<>:\n=WERSanitizer"[(seed >> 16) % 26];
    }
    noise[100000] = '\0';
    for (const struct variant *variant = variant_table; variant->name; variant++)
        assert_true(observe_log(*state, variant->name, noise, 1)->finding_count == 0);
}

/* A flood of reports is read as far as it makes sense. */
static void test_flood(void **state)
{
    char *flood = talloc_strdup(*state, "");

    for (int i = 0; i < 3000; i++)
        flood = talloc_asprintf_append_buffer(flood, "tasks.c:%d:1: runtime error: division by zero\n",
                                              i % 3000 + 1);
    assert_int_equal(observe_log(*state, "memory", flood, 0)->finding_count, COMPLAINTS_MOST);
}

/* --- order
 * ----------------------------------------------------------------------------------------------------------------
 */

static const char *const reports[] = {
    "tasks.c:20:1: runtime error: division by zero\n",
    "tasks.c:5:1: runtime error: load of null pointer of type 'int'\n",
    "tasks.c:3:1: runtime error: shift exponent 43 is too large for 32-bit type 'int'\n",
    "tasks.c:20:9: runtime error: division by zero\n",
};

static char *permuted(void *mem, const int order[4])
{
    char *log = talloc_strdup(mem, "");

    for (int i = 0; i < 4; i++)
        log = talloc_strdup_append(log, reports[order[i]]);
    return log;
}

/* Class first, then line; the same fault twice is one finding. In whatever order the tool found them. */
static void test_order_and_merging(void **state)
{
    static const int orders[][4] = {{0, 1, 2, 3}, {3, 2, 1, 0}, {1, 3, 0, 2}, {2, 0, 3, 1}};

    for (size_t i = 0; i < 4; i++) {
        const struct observation *o = observe_log(*state, "memory", permuted(*state, orders[i]), 0);
        assert_int_equal(o->finding_count, 3);
        assert_int_equal(o->findings[0].class, CLASS_INVALID_MEMORY);
        assert_int_equal(o->findings[0].where[0].line, 5);
        assert_int_equal(o->findings[1].where[0].line, 3);
        assert_int_equal(o->findings[2].where[0].line, 20);
        assert_int_equal(o->findings[1].times, 1);
        assert_int_equal(o->findings[2].times, 2);
    }
}

/* Which thread was T1 and which access came first is luck: the sentence is the same. */
static void test_the_same_race_told_the_other_way_round(void **state)
{
    static const char other[] =
        "WARNING: ThreadSanitizer: data race (pid=9)\n"
        "  Read of size 4 at 0x7b0c00000000 by thread T7:\n    #0 <null> <null> (binary+0x20)\n\n"
        "  Previous write of size 4 at 0x7b0c00000000 by main thread:\n"
        "    #0 <null> <null> (binary+0x10)\n";
    const struct observation *a = observe_log(*state, "tsan", race_log, 1),
                             *b = observe_log(*state, "tsan", other, 1);

    assert_string_equal(a->findings[0].message, b->findings[0].message);
}

static void test_several_runs(void **state)
{
    struct run runs[2] = {fixture_run("memory"), fixture_run("native")};
    struct submission submission = {.name = "tasks.c", .text = "int x;\n"};
    struct exercise exercise = {.directory = "/x"};
    struct build build = {.exercise = &exercise, .submission = &submission};

    runs[0].log = "tasks.c:1:1: runtime error: division by zero\n";
    runs[0].completed = 0;
    struct observation *o = observe_runs(*state, &build, runs, 2);
    assert_ptr_equal(o[0].run, &runs[0]);
    assert_ptr_equal(o[1].run, &runs[1]);
    assert_int_equal(o[0].finding_count, 1);
    assert_string_equal(o[0].findings[0].where[0].source, "int x;");
    assert_int_equal(o[1].finding_count, 0);
    assert_non_null(observe_runs(*state, &build, runs, 0));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_failures_are_trouble, begin, end),
        cmocka_unit_test_setup_teardown(test_warnings_are_nothing, begin, end),
        cmocka_unit_test_setup_teardown(test_failure_after_a_race, begin, end),
        cmocka_unit_test_setup_teardown(test_too_many_threads_for_the_tool, begin, end),
        cmocka_unit_test_setup_teardown(test_crash_in_a_crash, begin, end),
        cmocka_unit_test_setup_teardown(test_other_titles, begin, end),
        cmocka_unit_test_setup_teardown(test_every_prefix, begin, end),
        cmocka_unit_test_setup_teardown(test_leaks_of_a_check_that_was_cut_short, begin, end),
        cmocka_unit_test_setup_teardown(test_thread_leak_of_a_check_that_was_cut_short, begin, end),
        cmocka_unit_test_setup_teardown(test_valgrinds_details, begin, end),
        cmocka_unit_test_setup_teardown(test_noise, begin, end),
        cmocka_unit_test_setup_teardown(test_flood, begin, end),
        cmocka_unit_test_setup_teardown(test_order_and_merging, begin, end),
        cmocka_unit_test_setup_teardown(test_the_same_race_told_the_other_way_round, begin, end),
        cmocka_unit_test_setup_teardown(test_several_runs, begin, end),
    };
    return cmocka_run_group_tests_name("observe, logs", tests, NULL, NULL);
}
