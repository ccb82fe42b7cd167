/* test_explore_depth.c - the depth-first search: what it leaves out makes no difference.
 *
 * Each program is searched to its end twice: with a bound on preemptions that no schedule comes near, where
 * nothing is left out, and without a bound. Both must give the same outputs and say the same of faults. The
 * programs are those whose outputs are counted (grader/test/explore/counts), the tiny ones, and random ones.
 */
#include "base/file.h"
#include "explore/explore.h"

#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <talloc.h>
#include <unistd.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

enum { NOTHING_LEFT_OUT = EXPLORE_UNBOUNDED - 1 };

/* --- programs ------------------------------------------------------------------------------------------- */

struct lab {
    void *mem;
    char folder[32];
};

static int open_lab(void **state)
{
    struct lab *lab = talloc_zero(NULL, struct lab);

    lab->mem = lab;
    snprintf(lab->folder, sizeof lab->folder, "/tmp/depth.XXXXXX");
    *state = lab;
    return mkdtemp(lab->folder) ? 0 : -1;
}

static int close_lab(void **state)
{
    struct lab *lab = *state;

    path_remove(lab->folder);
    talloc_free(lab);
    return 0;
}

/* PATH, below grader/test/explore, compiled. */
static const char *compiled(struct lab *lab, const char *path)
{
    struct error err = {0};
    char *source = talloc_asprintf(lab, "grader/test/explore/%s.c", path);
    char *binary = talloc_asprintf(lab, "%s/%s", lab->folder, strrchr(path, '/') + 1);

    if (!file_exists(binary) &&
        explore_compile(lab, ".", (const char *const[]){source, NULL}, NULL, 0, binary, &err) != 0)
        fail_msg("%s", err.text);
    return binary;
}

static struct explore_options options_for(unsigned bound)
{
    struct explore_options options = explore_defaults();

    options.strategy = EXPLORE_DFS;
    options.bound = bound;
    options.memory_points = 0;
    options.detect_races = 0;
    options.keep_outputs = 1;
    options.minimise = 0;
    return options;
}

static struct explore_report *run(struct lab *lab, const char *binary, const char *const *arguments,
                                  const struct explore_options *options)
{
    struct explore_target target = {.binary = binary, .arguments = arguments};
    struct explore_report *report;
    struct error err;

    if (explore_run(lab, &target, options, &report, &err) != 0)
        fail_msg("%s: %s", binary, err.text);
    return report;
}

/* --- is nothing lost? ----------------------------------------------------------------------------------- */

static int has_output(const struct explore_report *report, const char *text)
{
    for (size_t i = 0; i < report->output_count; i++)
        if (strcmp(report->outputs[i].text, text) == 0)
            return 1;
    return 0;
}

/* Every output of ALL is one of FEW, and a fault is found in both or in neither. */
static void nothing_lost(const char *name, const struct explore_report *all, const struct explore_report *few)
{
    for (size_t i = 0; i < all->output_count; i++)
        if (!has_output(few, all->outputs[i].text))
            fail_msg("%s: the output '%s' was lost", name, all->outputs[i].text);
    if (!all->failed != !few->failed)
        fail_msg("%s: %llu schedules of %llu fail, but of the %llu that were not left out %llu", name,
                 (unsigned long long)all->failed, (unsigned long long)all->run, (unsigned long long)few->run,
                 (unsigned long long)few->failed);
}

/* Search both ways. 0: there were more than MOST schedules. */
static int compare(struct lab *lab, const char *name, const char *const *arguments,
                   struct explore_options options)
{
    const char *binary = compiled(lab, name);

    options.bound = NOTHING_LEFT_OUT;
    struct explore_report *all = run(lab, binary, arguments, &options);
    options.bound = EXPLORE_UNBOUNDED;
    struct explore_report *few = run(lab, binary, arguments, &options);
    if (!all->exhausted)
        return 0;
    assert_int_equal(few->exhausted, 1);
    assert_true(few->run <= all->run);
    nothing_lost(name, all, few);
    nothing_lost(name, few, all);
    return 1;
}

/* --- tests ---------------------------------------------------------------------------------------------- */

/* All of them at level 0, but for the one whose outputs are at level 1. */
static void counted_programs(void **state)
{
    glob_t paths = {0};
    unsigned compared = 0;

    assert_int_equal(glob("grader/test/explore/counts/*.c", 0, NULL, &paths), 0);
    for (size_t i = 0; i < paths.gl_pathc; i++) {
        char *name = talloc_strdup(*state, paths.gl_pathv[i] + strlen("grader/test/explore/"));
        struct explore_options options = options_for(0);
        name[strlen(name) - 2] = '\0';
        options.memory_points = strstr(name, "plain_increment") != NULL;
        options.schedules = 5000;
        compared += (unsigned)compare(*state, name, NULL, options);
    }
    assert_int_equal(compared, paths.gl_pathc);
    globfree(&paths);
}

static void tiny_programs(void **state)
{
    static const char *const names[] = {"tiny/letters", "tiny/lock_order",     "tiny/nap",
                                        "tiny/refused", "tiny/three_switches", "tiny/spurious"};

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        struct explore_options options = options_for(0);
        options.fail_create = strcmp(names[i], "tiny/refused") == 0;
        options.spurious = strcmp(names[i], "tiny/spurious") == 0;
        assert_int_equal(compare(*state, names[i], NULL, options), 1);
    }
}

/* Of the random programs FIRST to LAST as many as have no more than MOST schedules. Returns how many. */
static unsigned compare_random(struct lab *lab, const char *threads, const char *steps, int first, int last,
                               const struct explore_options *options)
{
    unsigned compared = 0;

    for (int number = first; number <= last; number++) {
        char *seed = talloc_asprintf(lab, "%d", number);
        const char *const arguments[] = {threads, steps, seed, NULL};
        compared += (unsigned)compare(lab, "depth/random_steps", arguments, *options);
    }
    return compared;
}

static void random_programs(void **state)
{
    struct explore_options options = options_for(0);

    options.schedules = 600;
    assert_true(compare_random(*state, "2", "3", 1, 20, &options) > 8);
    assert_true(compare_random(*state, "3", "1", 31, 36, &options) > 1);
}

/* Memory accesses are points as well. */
static void random_programs_level_1(void **state)
{
    struct explore_options options = options_for(0);

    options.memory_points = 1;
    for (int number = 5; number < 36 * 36; number += 67) {
        char *plan = talloc_asprintf(*state, "%d", number);
        const char *const arguments[] = {plan, NULL};
        assert_int_equal(compare(*state, "depth/plain_steps", arguments, options), 1);
    }
}

/* There are choices within steps: whether malloc fails, whether a wait ends by itself. */
static void random_programs_with_choices(void **state)
{
    struct explore_options options = options_for(0);

    options.fail_malloc = options.spurious = 1;
    options.schedules = 600;
    assert_true(compare_random(*state, "2", "2", 71, 82, &options) > 4);
}

/* Each shows one thing that a step touches without a point of its own, or that it does not come back from. */
static void hidden_effects(void **state)
{
    struct explore_options options = options_for(0);

    assert_int_equal(compare(*state, "depth/let_go", NULL, options), 1);
    assert_int_equal(compare(*state, "depth/leaves", NULL, options), 1);
    options.fail_malloc = 1;
    assert_int_equal(compare(*state, "depth/two_ways", NULL, options), 1);
}

/* How many schedules there are for each way that both searches must find the same. */
static uint64_t schedules(struct lab *lab, const char *name, unsigned bound)
{
    struct explore_options options = options_for(bound);
    struct explore_report *report = run(lab, compiled(lab, name), NULL, &options);

    assert_int_equal(report->exhausted, 1);
    return report->run;
}

/* Two threads, and main waits for each before it has ended, or not: two by two, however long they are. */
static void counts_differences(void **state)
{
    assert_int_equal(schedules(*state, "depth/apart", EXPLORE_UNBOUNDED), 4);
}

/* What is not known is not left out. */
static void unknown_calls(void **state)
{
    assert_int_equal(schedules(*state, "depth/dice", EXPLORE_UNBOUNDED),
                     schedules(*state, "depth/dice", NOTHING_LEFT_OUT));
}

/* A search that has to give up leaving out begins again, and counts only what it does then. */
static void gives_up(void **state)
{
    struct explore_options options = options_for(EXPLORE_UNBOUNDED);

    options.schedules = 30000;
    const struct explore_report *report = run(*state, compiled(*state, "depth/spinner"), NULL, &options);
    options.bound = NOTHING_LEFT_OUT;
    const struct explore_report *plain = run(*state, compiled(*state, "depth/spinner"), NULL, &options);
    assert_int_equal(plain->exhausted, 1);
    assert_int_equal(report->exhausted, 1);
    assert_int_equal(report->run, plain->run);
    assert_int_equal(report->class, CLASS_NONE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(counted_programs),
        cmocka_unit_test(tiny_programs),
        cmocka_unit_test(random_programs),
        cmocka_unit_test(random_programs_level_1),
        cmocka_unit_test(random_programs_with_choices),
        cmocka_unit_test(hidden_effects),
        cmocka_unit_test(counts_differences),
        cmocka_unit_test(unknown_calls),
        cmocka_unit_test(gives_up),
    };
    return cmocka_run_group_tests(tests, open_lab, close_lab);
}
