/* test_catalog.c - what a manifest says is what the catalog holds, and an exercise is found by whatever a
 * person types. */
#include "fixture_catalog.h"

#include "catalog/hints.h"
#include "catalog/suggest.h"

/* --- loading ------------------------------------------------------------------------------------------- */

static void test_everything_arrives(void **state)
{
    struct catalog *catalog = load(*state);
    assert_int_equal(catalog->exercise_count, 1);
    const struct exercise *e = catalog->exercises[0];

    assert_string_equal(e->id, "junior/01-captured-variable");
    assert_string_equal(e->title, "The captured variable");
    assert_string_equal(kind_name(e->kind), "fix");
    assert_string_equal(level_name(e->level), "junior");
    assert_int_equal(e->minutes, 10);
    assert_int_equal(e->cover_count, 2);
    assert_string_equal(e->covers[1], "WA19");
    assert_string_equal(e->lesson, "01-threads");
    assert_string_equal(e->file, "tasks.c");
    assert_string_equal(e->support[0], "helper.c");
    assert_string_equal(e->strict[0], "unused-result");
    assert_int_equal(e->check_count, 2);
    assert_string_equal(e->checks[0].variants[1], "memory");
    assert_int_equal(e->checks[0].when_stuck, CLASS_DEADLOCK);
    assert_int_equal(e->checks[1].when_stuck, CLASS_LOST_WAKEUP);
    assert_int_equal(exercise_max_score(e), 3 * 2 + 2);
    assert_int_equal(e->limits.cpu_ms, 500);
    assert_int_equal(e->limits.threads, 9);
    assert_int_equal(e->limits.memory_mb, 64);
    assert_int_equal(e->mutant_count, 4);
    assert_int_equal(e->mutants[1].class, CLASS_WRONG_RESULT);
    assert_int_equal(e->mutants[1].fail_count, 2);
    assert_string_equal(e->mutants[1].fails[1], "all-run");
    assert_int_equal(access(e->mutants[0].file, R_OK), 0);
    assert_true(e->mutants[0].file[0] == '/' && e->directory[0] == '/');
    talloc_free(catalog);
}

static void test_no_exercises(void **state)
{
    struct error err;
    char *root = talloc_asprintf(NULL, "%s/lessons", (char *)*state);
    struct catalog *catalog = load(root);

    assert_int_equal(catalog->exercise_count, 0);
    assert_null(catalog_find(catalog, "junior/1", &err));
    assert_int_equal(err.status, EXIT_USAGE);
    talloc_free(catalog);
    talloc_free(root);
}

static void test_order(void **state)
{
    put_exercise(*state, "staff/01-alpha");
    put_exercise(*state, "junior/10-later");
    put_exercise(*state, "junior/02-second");
    put_text(*state, "exercises/README.md", "no exercise\n");
    struct catalog *catalog = load(*state);
    static const char *const ids[] = {"junior/01-captured-variable", "junior/02-second", "junior/10-later",
                                      "staff/01-alpha"};

    assert_int_equal(catalog->exercise_count, 4);
    for (size_t i = 0; i < 4; i++)
        assert_string_equal(catalog->exercises[i]->id, ids[i]);
    talloc_free(catalog);
}

/* --- finding ------------------------------------------------------------------------------------------- */

struct question {
    const char *name;
    const char *id;      /* the answer, or NULL: then */
    const char *told[3]; /* what the error must name */
};

static const struct question questions[] = {
    {"junior/01-captured-variable", "junior/01-captured-variable", {NULL}},
    {"junior/1", "junior/01-captured-variable", {NULL}},
    {"junior/01", "junior/01-captured-variable", {NULL}},
    {"junior/10", "junior/10-later", {NULL}},
    {"JUNIOR/1", "junior/01-captured-variable", {NULL}},
    {"01-captured-variable", "junior/01-captured-variable", {NULL}},
    {"captured-variable", "junior/01-captured-variable", {NULL}},
    {"captured", "junior/01-captured-variable", {NULL}},
    {"work/junior/10-later/", "junior/10-later", {NULL}},
    {"exercises/staff/01-alpha", "staff/01-alpha", {NULL}},
    {"later", "junior/10-later", {NULL}},
    {"01-alpha", "staff/01-alpha", {NULL}}, /* though it is a part of another as well */
    {"alpha", "staff/01-alpha", {NULL}},
    {"junior", NULL, {"junior/01-captured-variable", "junior/10-later", "could be"}},
    {"late", NULL, {"junior/10-later", "staff/02-too-late", "could be"}},
    {"junior/2", NULL, {"no exercise", "junior/2", "deepend list"}},
    {"captured-varaible", NULL, {"did you mean junior/01-captured-variable?", NULL}},
    {"stff/01-alpha", NULL, {"did you mean staff/01-alpha?", NULL}},
    {"alhpa", NULL, {"did you mean staff/01-alpha?", NULL}},
    {"xyzzy", NULL, {"there is no exercise 'xyzzy' (", NULL}},
    {"", NULL, {"an exercise is needed", NULL}},
    {"work/", NULL, {"an exercise is needed", NULL}},
    {"%s%n", NULL, {"there is no exercise '%s%n'", NULL}},
};

static void test_find(void **state)
{
    put_exercise(*state, "junior/10-later");
    put_exercise(*state, "staff/01-alpha");
    put_exercise(*state, "staff/02-too-late");
    put_exercise(*state, "middle/01-alpha-again");
    struct catalog *catalog = load(*state);

    for (size_t i = 0; i < sizeof questions / sizeof questions[0]; i++) {
        const struct question *q = &questions[i];
        struct error err = {0};
        const struct exercise *found = catalog_find(catalog, q->name, &err);
        if (q->id && (!found || strcmp(found->id, q->id) != 0))
            fail_msg("'%s' should be %s, is %s (%s)", q->name, q->id, found ? found->id : "none", err.text);
        if (!q->id && (found || err.status != EXIT_USAGE))
            fail_msg("'%s' should not be found", q->name);
        for (size_t j = 0; j < 3 && q->told[j]; j++)
            if (!strstr(err.text, q->told[j]))
                fail_msg("'%s': '%s' does not say '%s'", q->name, err.text, q->told[j]);
    }
    talloc_free(catalog);
}

/* A name as long as a command line may be is no trouble. */
static void test_find_long_name(void **state)
{
    struct catalog *catalog = load(*state);
    struct error err;
    size_t length = 100000;
    char *name = talloc_zero_array(catalog, char, length + 1);

    memset(name, 'x', length);
    assert_null(catalog_find(catalog, name, &err));
    assert_int_equal(err.status, EXIT_USAGE);
    talloc_free(catalog);
}

static void test_edit_distance(void **state)
{
    (void)state;
    assert_int_equal(edit_distance("check", "check"), 0);
    assert_int_equal(edit_distance("chekc", "check"), 1);
    assert_int_equal(edit_distance("chck", "check"), 1);
    assert_int_equal(edit_distance("checkk", "check"), 1);
    assert_int_equal(edit_distance("cheak", "check"), 1);
    assert_int_equal(edit_distance("CHECK", "check"), 0);
    assert_int_equal(edit_distance("", "check"), 5);
    assert_int_equal(edit_distance("check", ""), 5);
    assert_int_equal(edit_distance("kcehc", "check"), 3);
}

static void test_hints_split(void **state)
{
    struct hint *found;
    size_t count = hints_split(NULL, hints, &found);

    (void)state;
    assert_int_equal(count, 3);
    assert_string_equal(found[0].title, "Look");
    assert_string_equal(found[0].body, "Where?");
    assert_string_equal(found[1].body, "```c\n## no heading\n```");
    assert_string_equal(found[2].title, "Do");
    assert_string_equal(found[2].body, "It.");
    talloc_free(found);
    assert_int_equal(hints_split(NULL, "", &found), 0);
    assert_null(found);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(test_everything_arrives),
        TEST(test_no_exercises),
        TEST(test_order),
        TEST(test_find),
        TEST(test_find_long_name),
        cmocka_unit_test(test_edit_distance),
        cmocka_unit_test(test_hints_split),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
