/* test_catalog.c - what a manifest says is what the catalog holds; what is wrong with one is told with file
 * and line; and an exercise is found by whatever a person types. Works on a small project that is written to
 * a temporary folder.
 */
#include "base/file.h"
#include "catalog/catalog.h"
#include "catalog/hints.h"
#include "catalog/suggest.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <talloc.h>
#include <unistd.h>

#include <cmocka.h>

#define FOLDER "exercises/junior/01-captured-variable/"
#define YAML   FOLDER "exercise.yaml"

/* Line 1 is `id:`; the cases below name its lines. */
static const char manifest[] = "id: junior/01-captured-variable\n"         /* 1 */
                               "title: The captured variable\n"            /* 2 */
                               "kind: fix\n"                               /* 3 */
                               "level: junior\n"                           /* 4 */
                               "minutes: 10\n"                             /* 5 */
                               "covers: [P06, WA19]\n"                     /* 6 */
                               "lesson: 01-threads\n"                      /* 7 */
                               "file: tasks.c\n"                           /* 8 */
                               "support: [helper.c]\n"                     /* 9 */
                               "strict: [unused-result]\n"                 /* 10 */
                               "checks:\n"                                 /* 11 */
                               "  - name: own-index\n"                     /* 12 */
                               "    title: every task sees its index\n"    /* 13 */
                               "    variants: [tsan, memory]\n"            /* 14 */
                               "    points: 3\n"                           /* 15 */
                               "  - name: all-run\n"                       /* 16 */
                               "    title: every task runs\n"              /* 17 */
                               "    variants: [native]\n"                  /* 18 */
                               "    points: 2\n"                           /* 19 */
                               "    when_stuck: lost-wakeup\n"             /* 20 */
                               "limits: {cpu_ms: 500, threads: 9}\n"       /* 21 */
                               "mutants:\n"                                /* 22 */
                               "  - file: mutants/a.c\n"                   /* 23 */
                               "    class: race\n"                         /* 24 */
                               "    fails: [own-index]\n"                  /* 25 */
                               "    why: One copy for all is still one.\n" /* 26 */
                               "  - file: mutants/b.c\n"                   /* 27 */
                               "    class: wrong-result\n"                 /* 28 */
                               "    fails:\n"                              /* 29 */
                               "      - own-index\n"                       /* 30 */
                               "      - all-run\n"                         /* 31 */
                               "    why: Nobody waits.\n"                  /* 32 */
                               "  - file: mutants/c.c\n"                   /* 33 */
                               "    class: lost-task\n"                    /* 34 */
                               "    fails: [all-run]\n"                    /* 35 */
                               "    why: The last one is forgotten.\n"     /* 36 */
                               "  - file: mutants/d.c\n"                   /* 37 */
                               "    class: memory-leak\n"                  /* 38 */
                               "    fails: [own-index]\n"                  /* 39 */
                               "    why: Never freed.\n";                  /* 40 */

static const char hints[] =
    "# Hints\n\n## Look\n\nWhere?\n\n## Think\n\n```c\n## no heading\n```\n\n## Do\n\nIt.\n";

/* --- the stage ----------------------------------------------------------------------------------------- */

static void put(const char *root, const char *path, const char *text, size_t length)
{
    struct error err;
    char *whole = talloc_asprintf(NULL, "%s/%s", root, path);
    char *folder = talloc_strndup(whole, whole, (size_t)(strrchr(whole, '/') - whole));
    if (folder_make(folder, &err) != 0 || file_replace(whole, text, length, &err) != 0)
        fail_msg("%s", err.text);
    talloc_free(whole);
}

static void put_text(const char *root, const char *path, const char *text)
{
    put(root, path, text, strlen(text));
}

/* TEXT with the first FROM replaced by TO, on MEM. */
static char *replaced(void *mem, const char *text, const char *from, const char *to)
{
    const char *at = strstr(text, from);
    if (!at)
        fail_msg("the manifest has no '%s'", from);
    return talloc_asprintf(mem, "%.*s%s%s", (int)(at - text), text, to, at + strlen(from));
}

/* A sound exercise at exercises/ID, with files as the manifest names them. */
static void put_exercise(const char *root, const char *id)
{
    static const char *const files[] = {"task.md",     "starter.c",   "solution.c",  "check.c",    "helper.c",
                                        "mutants/a.c", "mutants/b.c", "mutants/c.c", "mutants/d.c"};
    char *folder = talloc_asprintf(NULL, "exercises/%s", id);
    char *level = talloc_asprintf(folder, "level: %.*s", (int)strcspn(id, "/"), id);
    char *text = replaced(folder, manifest, "junior/01-captured-variable", id);

    text = replaced(folder, text, "level: junior", level);
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++)
        put_text(root, talloc_asprintf(folder, "%s/%s", folder, files[i]), "text\n");
    put_text(root, talloc_asprintf(folder, "%s/hints.md", folder), hints);
    put_text(root, talloc_asprintf(folder, "%s/exercise.yaml", folder), text);
    talloc_free(folder);
}

static int set_up(void **state)
{
    char *root = strdup("/tmp/deepend-catalog-XXXXXX");
    assert_non_null(mkdtemp(root));
    put_exercise(root, "junior/01-captured-variable");
    put_text(root, "lessons/01-threads/README.md", "A lesson\n");
    *state = root;
    return 0;
}

static int tear_down(void **state)
{
    assert_int_equal(path_remove(*state), 0);
    free(*state);
    return 0;
}

static struct catalog *load(const char *root)
{
    struct error err;
    struct catalog *catalog = catalog_load(NULL, root, &err);
    if (!catalog)
        fail_msg("%s", err.text);
    return catalog;
}

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
    {.remove = YAML, .expect = YAML ": every exercise needs one"},
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
     .expect = "exercises/junior/02-empty/exercise.yaml: every exercise needs one"},
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
        int as_expected = faults[i].expect
                              ? !catalog && err.status == EXIT_GRADER && strstr(err.text, faults[i].expect)
                              : catalog != NULL;
        if (!as_expected) {
            print_error("case %zu: expected '%s', got '%s'\n", i, faults[i].expect, err.text);
            failed++;
        }
        if (strstr(err.text, place))
            fail_msg("case %zu names a path of this machine: %s", i, err.text);
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
    assert_null(catalog_load(NULL, *state, &err));
    assert_non_null(strstr(err.text, YAML ": it is longer than 64 KiB"));
    talloc_free(text);
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
        TEST(test_faults),
        TEST(test_too_long),
        TEST(test_find),
        TEST(test_find_long_name),
        cmocka_unit_test(test_edit_distance),
        cmocka_unit_test(test_hints_split),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
