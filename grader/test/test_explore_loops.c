/* test_explore_loops.c - programs that wait by going round: the right ones come to an end with every
 * strategy, those that never end are told, and at once where it is certain.
 *
 * What each program must earn stands in its first line; "certain" says that it is not left to the limit on
 * steps.
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

enum { PROGRAMS_MOST = 32, RIGHT = 60, SEARCHED = 40, FAULTY = 1000 };

struct program {
    char name[64], binary[128];
    int is_right, is_certain;
};

static const enum explore_strategy strategies[] = {EXPLORE_RANDOM, EXPLORE_PCT, EXPLORE_POS, EXPLORE_SURW};
enum { STRATEGIES = sizeof strategies / sizeof strategies[0] };

static void program_read(struct program *program, const char *path, const char *folder)
{
    char line[200] = "";
    FILE *file = fopen(path, "r");

    if (!file || !fgets(line, sizeof line, file) || !strstr(line, "/* explore: class="))
        fail_msg("%s does not say what it must earn", path);
    fclose(file);
    program->is_right = strstr(line, "class=ok") != NULL;
    program->is_certain = strstr(line, " certain") != NULL;
    snprintf(program->name, sizeof program->name, "%s", strrchr(path, '/') + 1);
    snprintf(program->binary, sizeof program->binary, "%s/%s.bin", folder, program->name);
    struct error err;
    void *mem = talloc_new(NULL);
    if (explore_compile(mem, ".", (const char *const[]){path, NULL}, NULL, 0, program->binary, &err) != 0)
        fail_msg("%s", err.text);
    talloc_free(mem);
}

static struct explore_report *run(void *mem, const struct program *program, enum explore_strategy strategy,
                                  uint64_t schedules)
{
    struct explore_target target = {.binary = program->binary};
    struct explore_options options = explore_defaults();
    struct explore_report *report;
    struct error err;

    options.strategy = strategy;
    options.schedules = schedules;
    options.bound = strategy == EXPLORE_DFS ? 1 : options.bound;
    options.memory_points = 0;
    options.minimise = 0;
    if (explore_run(mem, &target, &options, &report, &err) != 0)
        fail_msg("%s: %s", program->name, err.text);
    return report;
}

static void judge_right(void *mem, const struct program *program)
{
    for (size_t i = 0; i <= STRATEGIES; i++) {
        enum explore_strategy strategy = i < STRATEGIES ? strategies[i] : EXPLORE_DFS;
        const struct explore_report *report = run(mem, program, strategy, i < STRATEGIES ? RIGHT : SEARCHED);
        if (report->class != CLASS_NONE)
            fail_msg("%s, strategy %d: %s: %s", program->name, (int)strategy, class_name(report->class),
                     report->message);
    }
}

static void judge_faulty(void *mem, const struct program *program)
{
    for (size_t i = 0; i < (program->is_certain ? STRATEGIES : 1); i++) {
        const struct explore_report *report = run(mem, program, strategies[i], FAULTY);
        if (report->class != CLASS_LIVELOCK)
            fail_msg("%s, strategy %d: no livelock in %d schedules", program->name, (int)strategies[i],
                     FAULTY);
        if (!strstr(report->message, "goes round in a loop") != !program->is_certain)
            fail_msg("%s, strategy %d: %s", program->name, (int)strategies[i], report->message);
        assert_true(report->where_count > 0);
    }
}

static void judge(void **state)
{
    const struct program *program = *state;
    void *mem = talloc_new(NULL);

    (program->is_right ? judge_right : judge_faulty)(mem, program);
    talloc_free(mem);
}

/* A loop in which nothing can be seen to happen is told by its line. */
static void line_of_a_loop(void **state)
{
    const struct program *programs = *state;
    void *mem = talloc_new(NULL);
    int found = 0;

    for (size_t i = 0; i < PROGRAMS_MOST; i++) {
        if (strcmp(programs[i].name, "no_point.c") != 0)
            continue;
        const struct explore_report *report = run(mem, &programs[i], EXPLORE_RANDOM, FAULTY);
        assert_non_null(strstr(report->message, "without synchronising"));
        for (size_t k = 0; k < report->where_count; k++)
            found |= report->where[k].line == 15 || report->where[k].line == 16;
        assert_int_equal(report->failed, 1); /* it is not waited for a second time */
    }
    assert_int_equal(found, 1);
    talloc_free(mem);
}

int main(void)
{
    static struct program programs[PROGRAMS_MOST];
    struct CMUnitTest tests[PROGRAMS_MOST + 1] = {0};
    char folder[] = "/tmp/deepend-loops-XXXXXX";
    glob_t paths = {0};
    size_t count = 0;

    if (glob("grader/test/explore/loops/*.c", 0, NULL, &paths) != 0 || paths.gl_pathc > PROGRAMS_MOST ||
        !mkdtemp(folder))
        return 1;
    for (size_t i = 0; i < paths.gl_pathc; i++) {
        program_read(&programs[i], paths.gl_pathv[i], folder);
        if (strcmp(programs[i].name, "no_point.c") == 0)
            continue;
        tests[count++] =
            (struct CMUnitTest){.name = programs[i].name, .test_func = judge, .initial_state = &programs[i]};
    }
    tests[count++] =
        (struct CMUnitTest){.name = "line_of_a_loop", .test_func = line_of_a_loop, .initial_state = programs};
    int failed = _cmocka_run_group_tests("loops", tests, count, NULL, NULL);
    path_remove(folder);
    globfree(&paths);
    return failed;
}
