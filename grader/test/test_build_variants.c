/* test_build_variants.c - every variant finds what it is there for, in the learner's own file, and says
 * nothing about a program that is right.
 */
#include "fixture_build.h"

#include <sys/personality.h>

/* --- variants ------------------------------------------------------------------------------------------ */

static void test_variant_table(void **state)
{
    (void)state;
    assert_null(variant_find("gcc"));
    for (const struct variant *variant = variant_table; variant->name; variant++) {
        int aranges = 0;
        assert_ptr_equal(variant_find(variant->name), variant);
        for (size_t i = 0; variant->compile[i]; i++)
            aranges |= strcmp(variant->compile[i], "-gdwarf-aranges") == 0;
        assert_true(aranges);
        assert_null(variant->link[5]);
        assert_null(variant->wrapper[15]);
        assert_null(variant->environment[5]);
        assert_true(variant->time_factor > 0 && variant->memory_factor > 0);
    }
    assert_true(variant_find("native")->alone);
}

/* --- what the variants find ---------------------------------------------------------------------------- */

static char *with_log(void *mem, const char *word, const char *log)
{
    const char *mark = strstr(word, "%LOG");
    return mark ? talloc_asprintf(mem, "%.*s%s%s", (int)(mark - word), word, log, mark + 4)
                : talloc_strdup(mem, word);
}

static char *read_logs(void *mem, const char *log)
{
    char *all = talloc_strdup(mem, "");
    glob_t found;

    if (glob(talloc_asprintf(mem, "%s*", log), 0, NULL, &found) != 0)
        return all;
    for (size_t i = 0; i < found.gl_pathc; i++) {
        char *text = file_read(mem, found.gl_pathv[i], 1 << 22, NULL, NULL);
        all = talloc_asprintf_append(all, "%s", text ? text : "");
    }
    globfree(&found);
    return all;
}

/* Run the only program of BUILD as the run stage would, without its sandbox. Returns the tool's log. */
static char *run_program(struct stage *stage, const struct build *build)
{
    static unsigned runs;
    const struct variant *variant = build->binaries[0].variant;
    const char *argv[24], *environment[8];
    size_t words = 0, settings = 0;
    char *log = talloc_asprintf(stage, "%s/a log: %u", stage->root, runs++);

    for (size_t i = 0; variant->wrapper[i]; i++)
        argv[words++] = with_log(stage, variant->wrapper[i], log);
    argv[words++] = build->binaries[0].path;
    argv[words++] = "runs";
    argv[words] = NULL;
    environment[settings++] = "PATH=/usr/bin:/bin";
    for (size_t i = 0; variant->environment[i]; i++)
        environment[settings++] = with_log(stage, variant->environment[i], log);
    environment[settings] = NULL;
    personality(ADDR_NO_RANDOMIZE); /* sanitizers need their addresses free */
    struct process job = {.argv = argv, .environment = environment};
    if (process_run(stage, &job, 1, 1, &stage->err) != 0)
        fail_msg("%s", stage->err.text);
    return read_logs(stage, log);
}

/* One thread and another; at the same time, or one after the other (which no lock order can bring to a
 * standstill). */
#define TWO_THREADS(between, behind, first, second)                                                          \
    "#include \"tasks.h\"\n#include <pthread.h>\n#include <stdio.h>\n#include <stdlib.h>\n"                  \
    "static pthread_mutex_t a = PTHREAD_MUTEX_INITIALIZER, b = PTHREAD_MUTEX_INITIALIZER;\n"                 \
    "static int x;\nstatic void *one(void *p)\n{\n    (void)a, (void)b, (void)x;\n" first                    \
    "    return p;\n}\n"                                                                                     \
    "static void *two(void *p)\n{\n" second "    return p;\n}\n"                                             \
    "int run_tasks(int count)\n{\n    pthread_t t, u;\n    pthread_create(&t, NULL, one, NULL);\n" between   \
    "    pthread_create(&u, NULL, two, NULL);\n    pthread_join(u, NULL);\n" behind "    return count;\n}\n"
#define JOIN                    "    pthread_join(t, NULL);\n"
#define TOGETHER(first, second) TWO_THREADS("", JOIN, first, second)
#define IN_TURN(first, second)  TWO_THREADS(JOIN, "", first, second)

#define LOCK_BOTH(first, second)                                                                             \
    "    pthread_mutex_lock(&" first ");\n    pthread_mutex_lock(&" second                                   \
    ");\n    pthread_mutex_unlock(&" second ");\n"                                                           \
    "    pthread_mutex_unlock(&" first ");\n"

static const struct {
    const char *variant, *words, *text;
} faults[] = {
    {"tsan", "WARNING: ThreadSanitizer: data race", TOGETHER("    x++;\n", "    x++;\n")},
    {"tsan", "lock-order-inversion", IN_TURN(LOCK_BOTH("a", "b"), LOCK_BOTH("b", "a"))},
    {"memory", "heap-use-after-free",
     TOGETHER("    volatile char *q = malloc(3);\n    free((void *)q);\n    q[1] = 1;\n", "")},
    {"memory", "stack-use-after-return",
     "#include \"tasks.h\"\nstatic int *volatile left;\n__attribute__((noinline)) static void "
     "leave(void)\n{\n    volatile int here = 1;\n"
     "    left = (int *)&here;\n}\nint run_tasks(int count)\n{\n    leave();\n    return count + (*left > "
     "5);\n}\n"},
    {"memory", "detected memory leaks", TOGETHER("    void *volatile q = malloc(3);\n    q = NULL;\n", "")},
    {"memory", "signed integer overflow", TOGETHER("    volatile int n = 0x7fffffff;\n    n++;\n", "")},
    {"memory", "tasks.c:10:", TOGETHER("    volatile int n = 0x7fffffff; n = n << 31 << 2;\n", "")},
    {"memcheck", "<kind>Leak_DefinitelyLost</kind>",
     TOGETHER("    void *volatile q = malloc(3);\n    q = NULL;\n", "")},
    {"memcheck", "<kind>UninitCondition</kind>",
     TOGETHER("    int *volatile q = malloc(4);\n    if (*q)\n        puts(\"\");\n    free(q);\n", "")},
    {"memcheck", "<file>tasks.c</file>", TOGETHER("    void *volatile q = malloc(3);\n    q = NULL;\n", "")},
    {"helgrind", "<kind>LockOrder</kind>", IN_TURN(LOCK_BOTH("a", "b"), LOCK_BOTH("b", "a"))},
    {"helgrind", "<kind>Race</kind>", TOGETHER("    x++;\n", "    x++;\n")},
};

static void test_variants_find(void **state)
{
    struct stage *stage = *state;

    for (size_t i = 0; i < sizeof faults / sizeof faults[0]; i++) {
        stage_variants(stage, faults[i].variant);
        char *log = run_program(stage, build_well(stage, faults[i].text));
        if (!strstr(log, faults[i].words))
            fail_msg("%s does not say \"%s\" but: %s", faults[i].variant, faults[i].words, log);
    }
}

static void test_variants_are_silent(void **state)
{
    struct stage *stage = *state;

    for (const struct variant *variant = variant_table; variant->name; variant++) {
        if (variant->live) /* for the services of incidents: it has no check to start */
            continue;
        stage_variants(stage, variant->name);
        char *log = run_program(stage, build_well(stage, IN_TURN(LOCK_BOTH("a", "b"), LOCK_BOTH("a", "b"))));
        if (strstr(log, "WARNING") || strstr(log, "ERROR") || strstr(log, "<kind>"))
            fail_msg("%s says: %s", variant->name, log);
    }
}

/* Checks that offer two functions by which threads take turns. */
static void offer_turns(struct stage *stage)
{
    stage_write(stage, "exercises/junior/01-x/inside.h", "void before(void);\nvoid after(void);\n");
    stage_write(stage, "exercises/junior/01-x/check.c",
                "#include \"check.h\"\n#include \"tasks.h\"\n#include \"inside.h\"\n"
                "static struct tally turns;\nint given(int value) { return value; }\n"
                "void before(void) { tally_await(&turns, 1); }\nvoid after(void) { tally_add(&turns, 1); }\n"
                "static void runs(void) { CHECK_INT(run_tasks(4), 4, \"not all ran\"); }\nCHECKS({\"runs\", "
                "runs});\n");
}

/* The runtime's gates and tallies put threads in order without the race detector seeing it: the race stays
 * one. */
static void test_runtime_is_invisible(void **state)
{
    struct stage *stage = *state;

    stage_variants(stage, "tsan");
    offer_turns(stage);
    char *log =
        run_program(stage, build_well(stage, "#include \"inside.h\"\n" TOGETHER(
                                                 "    x++;\n    after();\n", "    before();\n    x++;\n")));
    assert_non_null(strstr(log, "data race"));
}

/* The other access may be long ago. */
static void test_long_memory(void **state)
{
    static const char much_later[] =
        "    x++;\n    static volatile int y[200000];\n"
        "    for (int i = 0; i < 200000; i++)\n        y[i] = i;\n    after();\n";
    struct stage *stage = *state;

    stage_variants(stage, "tsan");
    offer_turns(stage);
    char *text = talloc_asprintf(stage, "#include \"inside.h\"\n" TOGETHER("%s", "    before();\n    x++;\n"),
                                 much_later);
    char *log = run_program(stage, build_well(stage, text));
    assert_non_null(strstr(log, "data race"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_variant_table),
        cmocka_unit_test_setup_teardown(test_variants_find, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_variants_are_silent, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_runtime_is_invisible, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_long_memory, set_up, tear_down),
    };
    return cmocka_run_group_tests_name("build: variants", tests, NULL, NULL);
}
