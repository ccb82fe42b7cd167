/* test_build_screen.c - what a submission may not do, and every way round that we know: each must be told in
 * its own words, at its own line. Beside them, what people really write must pass.
 */
#include "fixture_build.h"

/* Before and behind a case's text. `OPEN` begins the body of the function that the checks call. */
#define HEAD                                                                                                 \
    "#include \"tasks.h\"\n#include <pthread.h>\n#include <stdio.h>\n#include <stdlib.h>\n#include "         \
    "<string.h>\n"                                                                                           \
    "#include <unistd.h>\n"
#define OPEN        "int run_tasks(int count)\n{\n"
#define CLOSE       "    return count;\n}\n"
#define TOP(text)   HEAD text "\n" OPEN CLOSE /* at file scope: line 7 */
#define BODY(text)  HEAD OPEN text "\n" CLOSE /* in the function: line 9 */
#define WHOLE(text) text "\n" HEAD OPEN CLOSE /* first of all: line 1 */

struct sample {
    const char *name;
    enum build_status status;
    int line;
    const char *words; /* in the first diagnostic */
    const char *text;
};

#define R BUILD_REFUSED
#define F BUILD_FAILED

static const struct sample refused[] = {
    /* ways out of the process */
    {"fork", R, 9, "using `fork`", BODY("fork();")},
    {"exit", R, 9, "using `exit` is not allowed: it would end the program", BODY("exit(0);")},
    {"exit at once", R, 9, "using `_exit`", BODY("_exit(0);")},
    {"a command", R, 9, "using `system`", BODY("system(\"true\");")},
    {"a raw system call", R, 9, "using `syscall`", BODY("syscall(231, 0);")},
    {"a signal", R, 8, "using `raise`", TOP("#include <signal.h>\nvoid f(void) { raise(9); }")},
    {"a handler", R, 8, "using `signal`", TOP("#include <signal.h>\nvoid f(void) { signal(11, SIG_IGN); }")},
    {"a file", R, 9, "using `fopen`", BODY("fopen(\"x\", \"w\");")},
    {"a descriptor", R, 9, "using `write`", BODY("write(3, \"x\", 1);")},
    {"other pages", R, 8, "using `mprotect`",
     TOP("#include <sys/mman.h>\nvoid f(void) { mprotect(0, 0, 0); }")},
    {"the surroundings", R, 9, "using `getenv`", BODY("getenv(\"TSAN_OPTIONS\");")},
    {"a jump", R, 8, "using `longjmp`", TOP("#include <setjmp.h>\nvoid f(void) { longjmp(0, 1); }")},
    {"a symbol by name", R, 8, "using `dlsym`",
     TOP("#include <dlfcn.h>\nvoid f(void) { dlsym(0, \"fork\"); }")},
    {"input", R, 9, "using `getchar`", BODY("getchar();")},
    {"a named semaphore", R, 8, "using `sem_open`",
     TOP("#include <semaphore.h>\nvoid f(void) { sem_open(\"x\", 0); }")},
    {"a lock that no tool knows", R, 9, "use the _timed form", BODY("pthread_mutex_clocklock(0, 0, 0);")},
    {"any other function", R, 9, "no exercise needs it", BODY("gethostid();")},
    /* the same, less plainly */
    {"through a pointer", R, 9, "using `exit`", BODY("void (*volatile out)(int) = exit; out(0);")},
    {"through a cast", R, 9, "using `popen`", BODY("((int (*)(void))popen)();")},
    {"through a declaration", R, 7, "using `vfork`", TOP("int vfork(void); int (*go)(void) = vfork;")},
    {"only when optimised", R, 9, "using `system`",
     BODY("static int one = 1; if (__builtin_constant_p(one)) system(\"true\");")},
    {"renamed", R, 7, "`__asm__` is not allowed",
     TOP("extern int quiet(void) __asm__(\"fork\"); int (*go)(void) = quiet;")},
    {"weakly", R, 7, "the attribute `weak`", TOP("extern int fork(void) __attribute__((weak));")},
    {"the fortified form", R, 9, "using `__longjmp_chk`",
     BODY("void __longjmp_chk(void *, int); __longjmp_chk(0, 1);")},
    /* assembly */
    {"asm", R, 9, "inline assembly", BODY("asm(\"nop\");")},
    {"__asm", R, 9, "inline assembly", BODY("__asm volatile(\"nop\");")},
    {"asm, spliced", R, 9, "`__asm__` is not allowed", BODY("__as\\\nm__(\"nop\");")},
    {"asm, pasted", R, 8, "`__asm__` is not allowed",
     TOP("#define CAT(a, b) a##b\nCAT(__as, m__)(\"nop\");")},
    {"asm, spelled by the library", R, 7, "`__asm__` is not allowed",
     TOP("extern int __REDIRECT(quiet, (void), fork);")},
    {"asm at the top", R, 7, "inline assembly", TOP("asm(\".globl evil\\nevil: ret\");")},
    /* attributes */
    {"no_sanitize", R, 7, "hide code from the tools",
     TOP("__attribute__((no_sanitize(\"thread\"))) void f(void) {}")},
    {"with underscores", R, 7, "`__no_sanitize__`",
     TOP("__attribute__((__no_sanitize__(\"thread\"))) void f(void) {}")},
    {"the old spelling", R, 7, "`no_sanitize_thread`",
     TOP("__attribute__((no_sanitize_thread)) void f(void) {}")},
    {"behind others", R, 7, "disable_sanitizer_instrumentation",
     TOP("__attribute__((unused, aligned(8), disable_sanitizer_instrumentation)) void f(void) {}")},
    {"by a macro", R, 8, "no_sanitize",
     TOP("#define QUIET no_sanitize(\"thread\")\n__attribute__((QUIET)) void f(void) {}")},
    {"pasted", R, 8, "no_sanitize",
     TOP("#define CAT(a, b) a##b\nCAT(__attr, ibute__)((CAT(no_sani, tize)(\"thread\"))) void f(void) {}")},
    {"spread out", R, 8, "the attribute `constructor`",
     TOP("__attribute__ /* at */ (\n( /* first */ constructor ) ) void f(void) {}")},
    {"the short keyword", R, 7, "the attribute `destructor`",
     TOP("__attribute((destructor)) void f(void) {}")},
    {"a section", R, 7, "the attribute `section`",
     TOP("__attribute__((section(\".init_array\"))) void *f = 0;")},
    {"an alias", R, 7, "the attribute `alias`",
     TOP("void g(void) {} void f(void) __attribute__((alias(\"g\")));")},
    {"one nobody knows", R, 7, "the attribute `frobnicate`",
     TOP("__attribute__((frobnicate)) void f(void) {}")},
    {"brackets", R, 7, "`[[`", TOP("[[gnu::constructor]] void f(void) {}")},
    {"brackets as digraphs", R, 7, "`[[`", TOP("<:<: gnu::constructor :>:> void f(void) {}")},
    {"__declspec", R, 7, "`__declspec`", TOP("__declspec(noinline) void f(void) {}")},
    /* pragmas */
    {"pragma attribute", R, 7, "`#pragma clang attribute`",
     TOP("#pragma clang attribute push(__attribute__((no_sanitize(\"thread\"))), apply_to = function)")},
    {"pragma as an operator", R, 7, "`#pragma clang attribute`",
     TOP("_Pragma(\"clang attribute push(__attribute__((constructor)), apply_to = function)\")")},
    {"pragma made of a parameter", R, 7, "`_Pragma`", TOP("#define P(x) _Pragma(#x)\nP(weak run_tasks)")},
    {"pragma pasted", R, 8, "`#pragma weak run_tasks`",
     TOP("#define CAT(a, b) a##b\nCAT(_Prag, ma)(\"weak run_tasks\")")},
    {"pragma with a digraph", R, 7, "`#pragma redefine_extname f`", TOP("%:pragma redefine_extname f fork")},
    {"pragma, spliced", R, 7, "`#pragma weak f`", TOP("#pra\\\ngma weak f")},
    {"pragma that crashes", R, 7, "`#pragma clang __debug`", TOP("#pragma clang __debug crash")},
    {"a hash made by a macro", R, 8, "a `#` made by a macro",
     TOP("#define HASH # pragma weak run_tasks\nHASH")},
    {"a hash behind nothing", R, 9, "a `#` made by a macro",
     TOP("#define EMPTY\n#define HASH #\nEMPTY HASH pragma weak run_tasks")},
    /* lines that lie */
    {"#line", R, 7, "`#line`", TOP("#line 1 \"/usr/include/stdio.h\"\n__asm__(\"nop\");")},
    {"a line marker", R, 7, "a line marker", TOP("# 1 \"/usr/include/stdio.h\" 1 3\n__asm__(\"nop\");")},
    {"a line marker as a digraph", R, 7, "a line marker", TOP("%: 1 \"/usr/include/stdio.h\" 1 3")},
    {"#line behind a comment", R, 7, "`#line`", TOP("/* a */ # /* b */ line 5")},
    {"#line behind a strange space", R, 7, "`#line`", TOP("\u00a0#line 5")},
    {"#line behind a byte order mark", R, 1, "`#line`", "\xef\xbb\xbf#line 5\n" HEAD OPEN CLOSE},
    {"#line in a branch that is off", R, 8, "`#line`", TOP("#if 0\n#line 5\n#endif")},
    {"a condition that swallows", R, 8, "in a condition",
     TOP("#define H __has_include\n#if H(<a/*b>)\n#endif\n#line 7 /**/")},
    {"a raw string that swallows", R, 7, "a raw string", TOP("const char *s = R\"(\n#line 5\n)\";")},
    /* headers */
    {"somebody's file", R, 1, "including `/etc/passwd`", WHOLE("#include \"/etc/passwd\"")},
    {"a neighbour's file", R, 1, "including `../x.h`", WHOLE("#include \"../x.h\"")},
    {"a device", R, 1, "including `/dev/zero`", WHOLE("#include </dev/zero>")},
    {"the check", R, 1, "including `check.c`", WHOLE("#include \"check.c\"")},
    {"itself", R, 1, "including `tasks.c`", WHOLE("#include \"tasks.c\"")},
    {"by a macro", R, 2, "made by a macro", WHOLE("#define NAME \"/etc/passwd\"\n#include NAME")},
    {"spliced", R, 1, "including `/etc/passwd`", WHOLE("#inc\\\nlude \"/etc/pas\\\nswd\"")},
    {"the next one", R, 1, "`#include_next`", WHOLE("#include_next <stdio.h>")},
    {"C11 threads", R, 1, "the race detector", WHOLE("#include <threads.h>")},
    {"the sanitizer's", R, 1, "speaks to the tools", WHOLE("#include <sanitizer/tsan_interface.h>")},
    {"Valgrind's", R, 1, "speaks to the tools", WHOLE("#include <valgrind/valgrind.h>")},
    {"a header rewritten", R, 2, "put this include above line 1",
     WHOLE("#define printf x; __attribute__((constructor)) void f(void); int printf")},
    {"a guard with a body", R, 2, "put this include above line 1",
     WHOLE("#define __nonnull(x) __attribute__((constructor))")},
    /* looking behind */
    {"a fence alone", R, 9, "give the memory order to the atomic operation",
     BODY("__atomic_thread_fence(5);")},
    {"a fence of C11", R, 8, "a fence that stands alone",
     TOP("#include <stdatomic.h>\nvoid f(void) { atomic_thread_fence(memory_order_seq_cst); }")},
    {"the return address", R, 9, "`__builtin_return_address`",
     BODY("printf(\"%p\", __builtin_return_address(0));")},
    {"the tool's hook", R, 7, "`__tsan_on_report`", TOP("void __tsan_on_report(void *report) {}")},
    {"the tool's options", R, 7, "`__asan_default_options`",
     TOP("const char *__asan_default_options(void) { return \"\"; }")},
    {"the tool's suppressions", R, 8, "`__tsan_default_suppressions`",
     TOP("#define CAT(a, b) a##b\nconst char *CAT(__tsan_default_, suppressions)(void) { return \"race:*\"; "
         "}")},
    {"annotations", R, 7, "`AnnotateIgnoreReadsBegin`",
     TOP("void AnnotateIgnoreReadsBegin(const char *, int); void f(void) { AnnotateIgnoreReadsBegin(\"\", "
         "0); }")},
    {"the check's functions", R, 7, "using `check_fail_at`",
     TOP("void check_fail_at(); void f(void) { check_fail_at(); }")},
    {"the check's table", R, 7, "using `check_table`",
     TOP("extern int check_table[]; int *f = check_table;")},
    {"the check's variables", R, 7, "using `hidden`", TOP("extern int hidden; int *f = &hidden;")},
    {"the library's variables", R, 8, "using `ticket_inside`",
     TOP("#include \"ticket.h\"\nextern int ticket_inside; int *f = &ticket_inside;")},
    {"the C library's variables", R, 7, "using `environ`",
     TOP("extern char **environ; char ***f = &environ;")},
    /* replacing */
    {"main", R, 7, "defining `main`", TOP("int main(void) { return 0; }")},
    {"malloc", R, 7, "defining `malloc`", TOP("void *malloc(size_t size) { (void)size; return 0; }")},
    {"a lock", R, 7, "defining `pthread_mutex_lock`",
     TOP("int pthread_mutex_lock(pthread_mutex_t *m) { (void)m; return 0; }")},
    {"a variable of the library's", R, 7, "defining `stdout`",
     HEAD "#undef stdout\nFILE *stdout;\n" OPEN CLOSE},
    {"a gate", R, 7, "defining `gate_open`", TOP("void gate_open(void *gate) { (void)gate; }")},
    {"a reserved name", R, 7, "defining `_mine`", TOP("int _mine;")},
    {"a wrapper", R, 7, "defining `__wrap_pthread_create`",
     TOP("int __wrap_pthread_create(void) { return 0; }")},
};

static const struct sample failed[] = {
    {"a syntax error", F, 9, "expected expression", BODY("int x = ;")},
    {"an undeclared function", F, 9, "implicit declaration", BODY("no_such_function();")},
    {"a function that nobody defines", F, 7, "`no_such_function` is used but nowhere defined",
     TOP("void no_such_function(void); void f(void) { no_such_function(); }")},
    {"a missing function", F, 0, "`run_tasks` is missing",
     HEAD "static int run_tasks_(int count) { return count; }\nint f(int x) { return run_tasks_(x); }\n"},
    {"a static function", F, 0, "static declaration",
     "int run_tasks(int count);\nstatic int run_tasks(int count) { return count; }\n"},
    {"no result", F, 0, "non-void function does not return a value",
     HEAD "int run_tasks(int count)\n{\n    (void)count;\n}\n"},
    {"defined by the exercise as well", F, 7, "`given` is already defined by the exercise",
     TOP("int given(int value) { return value; }")},
    {"defined twice", F, 8, "redefinition of 'f'",
     TOP("int f(void) { return 1; }\nint f(void) { return 2; }")},
    {"a giant initialiser", F, 0, "larger than 16 MiB", TOP("int big[1 << 28] = {1};")},
    {"a giant array", F, 0, "the static variables take 1024 MiB",
     TOP("static char big[1 << 30]; char *f(void) { return big; }")},
    {"a giant atomic", R, 0, "use a mutex",
     TOP("struct wide { long a, b, c; }; static _Atomic struct wide w; void f(void) { w = w; }")},
    {"a header that does not exist", F, 1, "file not found", WHOLE("#include \"nowhere.h\"")},
    {"the check's header", F, 1, "file not found", WHOLE("#include \"check.h\"")},
};

static const struct sample passed[] = {
    {"the least", BUILD_DONE, 0, NULL, TOP("")},
    {"features and constants first", BUILD_DONE, 0, NULL,
     WHOLE("#define _GNU_SOURCE\n#define WORKERS (4 * 2)\n#define NAME \"x\"")},
    {"what the exercise and the library offer", BUILD_DONE, 0, NULL,
     TOP("#include \"ticket.h\"\nint f(void) { return given(ticket_next()); }")},
    {"a name that the library has too", BUILD_DONE, 0, NULL, TOP("int ticket_next(void) { return 7; }")},
    {"printing", BUILD_DONE, 0, NULL,
     BODY("printf(\"%d\\n\", count); fprintf(stderr, \"%s\\n\", strerror(1)); perror(\"x\"); puts(\"\");")},
    {"assertions", BUILD_DONE, 0, NULL,
     TOP("#include <assert.h>\nvoid f(int x) { assert(x > 0); if (x > 9) abort(); }")},
    {"cancellation", BUILD_DONE, 0, NULL,
     BODY("pthread_cleanup_push(free, NULL); pthread_testcancel(); pthread_cleanup_pop(1);")},
    {"atomics", BUILD_DONE, 0, NULL,
     TOP("#include <stdatomic.h>\natomic_int n; atomic_flag g = ATOMIC_FLAG_INIT; int f(void) { return "
         "atomic_fetch_add_explicit(&n, 1, "
         "memory_order_relaxed) + atomic_flag_test_and_set(&g) + __sync_fetch_and_add((int *)&n, 1); }")},
    {"numbers", BUILD_DONE, 0, NULL,
     TOP("#include <math.h>\n#include <ctype.h>\n#include <errno.h>\ndouble f(char *s) { errno = 0; return "
         "sqrt(strtod(s, NULL)) + lgamma(2) + isspace(*s) + atoi(s) + sscanf(s, \"%d\", &errno); }")},
    {"time", BUILD_DONE, 0, NULL,
     TOP("#include <time.h>\nvoid f(struct timespec *t) { clock_gettime(CLOCK_MONOTONIC, t); nanosleep(t, "
         "t); usleep(1); }")},
    {"synchronisation", BUILD_DONE, 0, NULL,
     TOP("#include <semaphore.h>\n#include <sched.h>\nvoid f(sem_t *s, pthread_barrier_t *b, "
         "pthread_rwlock_t *r, pthread_cond_t *c, pthread_mutex_t *m, struct timespec *t) "
         "{ sem_init(s, 0, 1); sem_wait(s); sem_timedwait(s, t); pthread_barrier_wait(b); "
         "pthread_rwlock_rdlock(r); pthread_cond_timedwait(c, m, t); "
         "pthread_mutex_timedlock(m, t); sched_yield(); }")},
    {"harmless attributes", BUILD_DONE, 0, NULL,
     TOP("__attribute__((format(printf, 1, 2), noinline, unused)) static void f(const char *x, ...) { "
         "(void)x; }\n"
         "static void tidy(int *x) { (void)x; }\nvoid g(void) { __attribute__((cleanup(tidy))) int x = 0; "
         "(void)x; }\n"
         "typedef struct { char c; } __attribute__((__packed__, aligned(64))) line;")},
    {"harmless pragmas", BUILD_DONE, 0, NULL,
     TOP("#pragma once\n#pragma GCC diagnostic ignored \"-Wunused-parameter\"\n_Pragma(\"clang diagnostic "
         "push\")\n#pragma STDC FP_CONTRACT ON")},
    {"words in comments and strings", BUILD_DONE, 0, NULL,
     BODY("/* asm fork() #line 5 */ puts(\"__asm__ no_sanitize #pragma weak \\\" // \"); // exit(0)")},
    {"words as names of one's own", BUILD_DONE, 0, NULL,
     TOP("struct gate_like { int open, close, read, kill, section, weak, constructor, line; };\nstatic int "
         "fork_count(struct gate_like *g) { return g->open + g->kill; }\n"
         "int f(struct gate_like *g) { return fork_count(g); }")},
    {"a static name of the C library's", BUILD_DONE, 0, NULL,
     TOP("static int y1(int x) { return x; } int f(void) { return y1(2); }")},
    {"quotes in what is off", BUILD_DONE, 0, NULL,
     TOP("#if 0\ndon't \"worry\n#endif\n#ifdef __has_include\n#endif")},
    {"a hint for spinning", BUILD_DONE, 0, NULL, BODY("#ifdef __x86_64__\n__builtin_ia32_pause();\n#endif")},
    {"other tools' branches", BUILD_DONE, 0, NULL,
     TOP("#if __has_feature(thread_sanitizer) || defined(__SANITIZE_ADDRESS__)\n#error this would differ "
         "from what was screened\n#endif")},
    {"the time of day", BUILD_DONE, 0, NULL, BODY("puts(__DATE__ __TIME__ __FILE__);")},
};

/* --- the test ------------------------------------------------------------------------------------------ */

static void check_sample(struct stage *stage, const struct sample *sample, unsigned *wrong)
{
    struct build *build = stage_build(stage, sample->text);
    const struct diagnostic *first = build && build->diagnostic_count ? build->diagnostics : NULL;
    const char *problem = NULL;

    if (!build)
        problem = stage->err.text;
    else if (build->status != sample->status)
        problem = "another status";
    else if (sample->words &&
             (!first || !strstr(first->text, sample->words) || first->severity != SEVERITY_ERROR))
        problem = "other words";
    else if (sample->line && first->line != sample->line)
        problem = "another line";
    if (!problem)
        return;
    print_error("%s: %s: status %d, line %d: %s\n", sample->name, problem, build ? (int)build->status : -1,
                first ? first->line : -1, first ? first->text : "");
    ++*wrong;
}

static void check_samples(const struct sample *samples, size_t count)
{
    struct stage *stage = stage_begin();
    unsigned wrong = 0;

    for (size_t i = 0; i < count; i++)
        check_sample(stage, &samples[i], &wrong);
    stage_end(stage);
    assert_int_equal(wrong, 0);
}

static void test_refused(void **state)
{
    (void)state;
    check_samples(refused, sizeof refused / sizeof refused[0]);
}

static void test_failed(void **state)
{
    (void)state;
    check_samples(failed, sizeof failed / sizeof failed[0]);
}

static void test_passed(void **state)
{
    (void)state;
    check_samples(passed, sizeof passed / sizeof passed[0]);
}

/* Under instrumentation the same texts must pass as well: what a sanitizer calls is not the learner's. */
static void test_passed_instrumented(void **state)
{
    struct stage *stage = stage_begin();
    unsigned wrong = 0;

    (void)state;
    stage_variants(stage, "tsan memory");
    for (size_t i = 0; i < sizeof passed / sizeof passed[0]; i++)
        check_sample(stage, &passed[i], &wrong);
    stage_end(stage);
    assert_int_equal(wrong, 0);
}

/* When the exercise stands on the library, its names are not free any more. */
static void test_library_is_taken(void **state)
{
    static const struct sample sample = {"library", R, 7, "it is a part of the reference library",
                                         TOP("int ticket_next(void) { return 7; }")};
    struct stage *stage = stage_begin();
    unsigned wrong = 0;

    (void)state;
    stage_write(stage, "exercises/junior/01-x/inside.h", "#include \"ticket.h\"\n");
    check_sample(stage, &sample, &wrong);
    stage_end(stage);
    assert_int_equal(wrong, 0);
}

/* An exercise may count a warning as an error; then it cannot be switched off. */
static void test_strict(void **state)
{
    static const struct sample samples[] = {{"strict", F, 8, "ignoring return value",
                                             TOP("int f(void) __attribute__((warn_unused_result));\nvoid "
                                                 "g(void) { f(); } int f(void) { return 1; }")},
                                            {"switched off", R, 7, "which must stay on",
                                             TOP("#pragma GCC diagnostic ignored \"-Wunused-result\"")},
                                            {"switched off by a macro", R, 8, "which must stay on",
                                             TOP("#define CAT(a, b) a##b\nCAT(_Prag, ma)(\"clang diagnostic "
                                                 "ignored \\\"-Wunused-result\\\"\")")}};
    char *strict[] = {"unused-result"};
    struct stage *stage = stage_begin();
    unsigned wrong = 0;

    (void)state;
    stage->exercise.strict = strict;
    stage->exercise.strict_count = 1;
    for (size_t i = 0; i < sizeof samples / sizeof samples[0]; i++)
        check_sample(stage, &samples[i], &wrong);
    stage_end(stage);
    assert_int_equal(wrong, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_refused),          cmocka_unit_test(test_failed),
        cmocka_unit_test(test_passed),           cmocka_unit_test(test_passed_instrumented),
        cmocka_unit_test(test_library_is_taken), cmocka_unit_test(test_strict),
    };
    return cmocka_run_group_tests_name("build: screen", tests, NULL, NULL);
}
