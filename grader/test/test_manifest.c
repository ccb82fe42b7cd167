/* test_manifest.c - what is wrong with a manifest is told with file and line, and nothing wrong is let
 * through. */
#include "fixture_catalog.h"

/* --- faults -------------------------------------------------------------------------------------------- */

/* What is done to the sound exercise, and what must be said. */
struct fault {
    const char *from, *to;    /* replaced in the manifest; to NULL: nothing is */
    const char *remove;       /* a file or folder to remove */
    const char *write, *text; /* a file to write */
    const char *expect;
};

static const struct fault faults[] = {
    /* YAML and types */
    {.from = "minutes: 10", .to = "minutes: ten", .expect = YAML ":5: minutes: "},
    {.from = "minutes: 10", .to = "minutes: -3", .expect = YAML ":5: minutes: "},
    {.from = "minutes: 10", .to = "minutes: 99999999999", .expect = YAML ":5: minutes: "},
    {.from = "kind: fix", .to = "kind: fixx", .expect = "; known are fix, implement, predict"},
    {.from = "level: junior", .to = "level: expert", .expect = YAML ":4: level: "},
    {.from = "class: race", .to = "class: rice", .expect = YAML ":24: class: "},
    {.from = "class: race", .to = "class: none", .expect = YAML ":24: class: "},
    {.from = "when_stuck: lost-wakeup", .to = "when_stuck: sleepy", .expect = YAML ":20: when_stuck: "},
    {.from = "points: 2", .to = "pints: 2", .expect = YAML ":19: Unexpected key: pints"},
    {.from = "points: 3", .to = "points: [3]", .expect = YAML ":15: points: "},
    {.from = "title: The", .to = "subtitle: The", .expect = YAML ":2: Unexpected key: subtitle"},
    {.from = "lesson: 01-threads\n", .to = "", .expect = "lesson"},
    {.from = "kind: fix", .to = "kind: [", .expect = YAML ":3: "},
    {.from = "kind: fix", .to = "kind: fix\n\tlevel: x", .expect = YAML ":4: found a tab"},
    {.from = "kind: fix",
     .to = "kind: fix\nkind: size",
     .expect = YAML ":4: Mapping field already seen: kind"},
    {.from = "kind: fix", .to = "kind: &a fix", .expect = NULL},
    {.from = "why: Nobody waits.\n  - file: mutants/c.c\n    class: lost-task\n    fails: [all-run]\n    "
             "why: The last one is forgotten.",
     .to = "why: &w Nobody waits.\n  - file: mutants/c.c\n    class: lost-task\n    fails: [all-run]\n    "
           "why: *w",
     .expect = YAML},
    {.from = "freed.\n", .to = "freed.\n---\nid: x\n", .expect = YAML ": Ignoring documents after"},
    {.write = YAML, .text = "", .expect = YAML ": it is empty"},
    {.write = YAML, .text = "# nothing\n", .expect = YAML ": it must be a mapping"},
    {.write = YAML, .text = "- a\n- b\n", .expect = YAML},
    {.write = YAML, .text = "id: \xff\xfe\n", .expect = YAML ":1: invalid leading UTF-8 octet"},
    {.remove = YAML, .expect = YAML ": there must be one"},
    {.remove = YAML, .write = YAML "/x", .text = "", .expect = YAML ": it must be a plain file"},
    /* identity */
    {.from = "id: junior/01-captured-variable",
     .to = "id: junior/02-captured-variable",
     .expect = YAML ":1: the id is"},
    {.from = "level: junior", .to = "level: staff", .expect = YAML ":4: the level is staff"},
    {.from = "minutes: 10", .to = "minutes: 0", .expect = YAML ":5: minutes must be"},
    {.from = "covers: [P06, WA19]", .to = "covers: []", .expect = YAML ":6: covers is empty"},
    {.from = "WA19", .to = "Z19", .expect = YAML ":6: covers: 'Z19'"},
    {.from = "WA19", .to = "WA", .expect = YAML ":6: covers: 'WA'"},
    {.from = "WA19", .to = "P06", .expect = YAML ":6: covers: P06 stands twice"},
    {.from = "lesson: 01-threads",
     .to = "lesson: 02-none",
     .expect = YAML ":7: there is no folder lessons/02-none"},
    {.from = "lesson: 01-threads", .to = "lesson: ..", .expect = YAML ":7: there is no folder"},
    {.from = "file: tasks.c", .to = "file: ../tasks.c", .expect = YAML ":8: file: '../tasks.c'"},
    {.from = "file: tasks.c", .to = "file: tasks.h", .expect = YAML ":8: file: 'tasks.h'"},
    {.from = "unused-result", .to = "'x -fplugin=y'", .expect = YAML ":10: strict: 'x -fplugin=y'"},
    /* files */
    {.remove = FOLDER "task.md", .expect = FOLDER "task.md: every exercise needs one"},
    {.remove = FOLDER "starter.c", .expect = FOLDER "starter.c: every exercise needs one"},
    {.remove = FOLDER "solution.c", .expect = FOLDER "solution.c: every exercise needs one"},
    {.remove = FOLDER "check.c", .expect = FOLDER "check.c: every exercise needs one"},
    {.remove = FOLDER "hints.md", .expect = FOLDER "hints.md: every exercise needs one"},
    {.remove = FOLDER "helper.c", .expect = YAML ":9: support: " FOLDER "helper.c"},
    {.write = FOLDER "hints.md", .text = "## One\na\n## Two\nb\n", .expect = FOLDER "hints.md: 2 hints"},
    {.write = FOLDER "hints.md", .text = "## One\na\n## Two\n## Three\nb\n", .expect = "hint 2 has no text"},
    /* checks */
    {.from = "name: all-run", .to = "name: own-index", .expect = YAML ":12: two checks are named own-index"},
    {.from = "name: all-run", .to = "name: all run", .expect = "check 'all run': a name is small letters"},
    {.from = "points: 2", .to = "points: 0", .expect = YAML ":16: check all-run: points"},
    {.from = "[native]", .to = "[]", .expect = YAML ":18: variants: "},
    {.from = "[native]",
     .to = "[tsan, tsan]",
     .expect = YAML ":16: check all-run: the variant tsan stands twice"},
    {.from = "[native]", .to = "['-rf']", .expect = YAML ":16: check all-run: '-rf' is no variant"},
    /* mutants */
    {.remove = FOLDER "mutants/b.c", .expect = YAML ":27: " FOLDER "mutants/b.c is missing"},
    {.write = FOLDER "mutants/e.c", .text = "x", .expect = FOLDER "mutants/e.c is not listed"},
    {.from = "file: mutants/d.c",
     .to = "file: mutants/a.c",
     .expect = YAML ":23: two mutants are mutants/a.c"},
    {.from = "file: mutants/d.c", .to = "file: solution.c", .expect = YAML ":37: mutant 'solution.c'"},
    {.from = "file: mutants/d.c",
     .to = "file: mutants/../solution.c",
     .expect = YAML ":37: mutant 'mutants/../solution.c'"},
    {.from = "fails: [all-run]",
     .to = "fails: [all-ran]",
     .expect = YAML ":33: mutant mutants/c.c: there is no check 'all-ran'"},
    {.from = "fails: [all-run]", .to = "fails: []", .expect = YAML ":35: fails: "},
    {.from = "fails: [all-run]",
     .to = "fails: [all-run, all-run]",
     .expect = YAML ":33: mutant mutants/c.c: fails has all-run twice"},
    {.from = "fails: [all-run]",
     .to = "fails: [all-run, own-index]",
     .expect = YAML ":16: no mutant fails the check all-run alone"},
    {.from = "  - file: mutants/d.c\n    class: memory-leak\n    fails: [own-index]\n    why: Never freed.\n",
     .to = "",
     .remove = FOLDER "mutants/d.c",
     .expect = YAML ":22: there are 3 mutants"},
    /* folders */
    {.write = "exercises/midle/01-x/task.md",
     .text = "x",
     .expect = "exercises/midle: there is no such level"},
    {.write = "exercises/junior/1-x/task.md",
     .text = "x",
     .expect = "exercises/junior/1-x: an exercise's folder is named"},
    {.write = "exercises/junior/01-other/task.md", .text = "x", .expect = "has the same number"},
    {.write = "exercises/junior/02-empty/task.md",
     .text = "x",
     .expect = "exercises/junior/02-empty/exercise.yaml: there must be one"},
};

static void apply(const char *root, const struct fault *fault)
{
    if (fault->remove) {
        char *path = talloc_asprintf(NULL, "%s/%s", root, fault->remove);
        assert_int_equal(path_remove(path), 0);
        talloc_free(path);
    }
    if (fault->write)
        put_text(root, fault->write, fault->text);
    if (fault->to) {
        char *text = replaced(NULL, manifest, fault->from, fault->to);
        put_text(root, YAML, text);
        talloc_free(text);
    }
}

/* Each fault by itself: refused as the grader's matter, with the expected words. */
static void test_faults(void **state)
{
    char *root = *state;
    unsigned failed = 0;

    for (size_t i = 0; i < sizeof faults / sizeof faults[0]; i++) {
        struct error err = {0};
        char *place = talloc_asprintf(NULL, "%s/%zu", root, i);
        put_exercise(place, "junior/01-captured-variable");
        put_text(place, "lessons/01-threads/README.md", "A lesson\n");
        apply(place, &faults[i]);
        struct catalog *catalog = catalog_load(NULL, place, &err);
        assert_non_null(catalog);
        const char *got = catalog->faulty_count > 0 ? catalog->faulty[0].message : "";
        int as_expected = faults[i].expect
                              ? catalog->faulty_count == 1 && strstr(got, faults[i].expect) != NULL
                              : catalog->faulty_count == 0;
        if (!as_expected) {
            print_error("case %zu: expected '%s', got '%s'\n", i, faults[i].expect, got);
            failed++;
        }
        if (strstr(got, place))
            fail_msg("case %zu names a path of this machine: %s", i, got);
        talloc_free(catalog);
        talloc_free(place);
    }
    assert_int_equal(failed, 0);
}

static void test_too_long(void **state)
{
    struct error err;
    size_t length = 200 * 1024;
    char *text = talloc_array(NULL, char, length);

    memset(text, '#', length);
    put(*state, YAML, text, length);
    struct catalog *catalog = catalog_load(NULL, *state, &err);
    assert_non_null(catalog);
    assert_int_equal(catalog->exercise_count, 0);
    assert_non_null(strstr(catalog->faulty[0].message, YAML ": it is longer than 64 KiB"));
    talloc_free(catalog);
    talloc_free(text);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(test_faults),
        TEST(test_too_long),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
