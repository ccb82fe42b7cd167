/* test_predict_manifest.c - the rules that a manifest of kind predict has to keep, and no other. */
#include "fixture_catalog.h"

static const char predict[] =
    "id: junior/01-captured-variable\n"                                      /* 1 */
    "title: All outcomes\n"                                                  /* 2 */
    "kind: predict\n"                                                        /* 3 */
    "level: junior\n"                                                        /* 4 */
    "minutes: 10\n"                                                          /* 5 */
    "covers: [P06]\n"                                                        /* 6 */
    "lesson: 01-threads\n"                                                   /* 7 */
    "file: answer.txt\n"                                                     /* 8 */
    "program: program.c\n"                                                   /* 9 */
    "checks:\n"                                                              /* 10 */
    "  - {name: complete, title: all, variants: [explore], points: 3}\n"     /* 11 */
    "  - {name: possible, title: no more, variants: [explore], points: 2}\n" /* 12 */
    "mutants:\n"                                                             /* 13 */
    "  - {file: mutants/a.txt, class: wrong-result, fails: [complete], why: Late.}\n"
    "  - {file: mutants/b.txt, class: wrong-result, fails: [complete], why: Half.}\n"
    "  - {file: mutants/c.txt, class: wrong-result, fails: [possible], why: Order.}\n"
    "  - {file: mutants/d.txt, class: wrong-result, fails: [possible], why: More.}\n";

/* The sound exercise of the fixture becomes a prediction. */
static int set_up_prediction(void **state)
{
    static const char *const files[] = {"starter.txt",   "solution.txt",  "program.c",    "mutants/a.txt",
                                        "mutants/b.txt", "mutants/c.txt", "mutants/d.txt"};
    static const char *const gone[] = {"starter.c", "solution.c", "check.c", "helper.c", "mutants"};

    void *mem = talloc_new(NULL);

    set_up(state);
    for (size_t i = 0; i < sizeof gone / sizeof gone[0]; i++)
        path_remove(talloc_asprintf(mem, "%s/" FOLDER "%s", (char *)*state, gone[i]));
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++)
        put_text(*state, talloc_asprintf(mem, FOLDER "%s", files[i]), "text\n");
    put_text(*state, YAML, predict);
    talloc_free(mem);
    return 0;
}

static void test_sound(void **state)
{
    struct catalog *catalog = load(*state);
    const struct exercise *exercise = catalog->exercises[0];

    assert_int_equal(exercise->kind, KIND_PREDICT);
    assert_string_equal(exercise->program, "program.c");
    assert_string_equal(exercise_part(catalog, exercise, "starter"), "starter.txt");
    assert_string_equal(exercise_part(catalog, exercise, "solution"), "solution.txt");
    talloc_free(catalog);
}

/* A part of the manifest that is replaced, or a file that is taken away, and what must be said. */
static const struct fault {
    const char *from, *to, *remove, *expect;
} faults[] = {
    {"file: answer.txt", "file: answer.c", NULL,
     YAML ":8: file: 'answer.c' must be the plain name of a .txt"},
    {"file: answer.txt", "file: .txt", NULL, YAML ":8: file: '.txt'"},
    {"file: answer.txt", "file: a/b.txt", NULL, YAML ":8: file: 'a/b.txt'"},
    {"program: program.c\n", "", NULL, YAML ":3: an exercise of kind predict needs a `program:`"},
    {"program: program.c", "program: other.c", NULL, YAML ":9: program: "},
    {"program: program.c", "program: program.h", NULL, YAML ":9: program: "},
    {"program: program.c", "program: program.c\nsupport: [program.c]", NULL, "no `support` or `strict`"},
    {"program: program.c", "program: program.c\nstrict: [unused]", NULL, "no `support` or `strict`"},
    {"name: complete", "name: whole", NULL, "an exercise of kind predict has the check complete"},
    {"name: possible", "name: real", NULL, "an exercise of kind predict has the check possible"},
    {"mutants:\n", "  - {name: extra, title: extra, variants: [explore], points: 1}\nmutants:\n", NULL,
     YAML ":13: check extra: an exercise of kind predict has complete and possible, no other"},
    {"[explore], points: 3", "[tsan], points: 3", NULL, YAML ":11: check complete: a prediction is held"},
    {"[explore], points: 3", "[explore, tsan], points: 3", NULL, "check complete: a prediction is held"},
    {"mutants/a.txt", "mutants/a.c", NULL, "mutant 'mutants/a.c': it must be mutants/NAME.txt"},
    {NULL, NULL, "starter.txt", FOLDER "starter.txt: every exercise needs one"},
    {NULL, NULL, "solution.txt", FOLDER "solution.txt: every exercise needs one"},
    {NULL, NULL, "program.c", YAML ":9: program: " FOLDER "program.c is no C file there"},
    {NULL, NULL, "task.md", FOLDER "task.md: every exercise needs one"},
};

static void expect_fault(const char *root, const char *words)
{
    struct catalog *catalog = load(root);

    if (catalog->faulty_count != 1)
        fail_msg("accepted, where this was expected: %s", words);
    if (!strstr(catalog->faulty[0].message, words))
        fail_msg("expected: %s\ngot: %s", words, catalog->faulty[0].message);
    talloc_free(catalog);
}

static void expect_sound(const char *root)
{
    struct catalog *catalog = load(root);

    assert_int_equal(catalog->faulty_count, 0);
    talloc_free(catalog);
}

static void test_faults(void **state)
{
    void *mem = talloc_new(NULL);

    for (size_t i = 0; i < sizeof faults / sizeof faults[0]; i++) {
        const struct fault *fault = &faults[i];
        if (fault->remove)
            path_remove(talloc_asprintf(mem, "%s/" FOLDER "%s", (char *)*state, fault->remove));
        else
            put_text(*state, YAML, replaced(mem, predict, fault->from, fault->to));
        expect_fault(*state, fault->expect);
        put_text(*state, YAML, predict);
        if (fault->remove)
            put_text(*state, talloc_asprintf(mem, FOLDER "%s", fault->remove), "text\n");
        expect_sound(*state);
    }
    talloc_free(mem);
}

/* What only a prediction has is no part of another kind. */
static void test_others(void **state)
{
    void *mem = talloc_new(NULL);

    put_text(*state, YAML, replaced(mem, manifest, "file: tasks.c", "file: tasks.c\nprogram: tasks.c"));
    expect_fault(*state, YAML ":9: program: only an exercise of kind predict has one, not fix");
    put_text(*state, YAML, replaced(mem, manifest, "file: tasks.c", "file: tasks.txt"));
    expect_fault(*state, YAML ":8: file: 'tasks.txt' must be the plain name of a .c file");
    talloc_free(mem);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_sound, set_up_prediction, tear_down),
        cmocka_unit_test_setup_teardown(test_faults, set_up_prediction, tear_down),
        cmocka_unit_test_setup_teardown(test_others, set_up, tear_down)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
