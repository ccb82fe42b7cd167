/* test_attacks.c - no submission passes but by solving the exercise. Each file of attacks/ tries another way.
 *
 * The first lines of an attack say what it does and what it must come to, in two layers. *Screened*: the
 * whole way that `deepend check` goes. *Unscreened*: the same without build/'s screening, so that the
 * sandbox, the protocol and the judge have to hold by themselves. `error` there means "could not be judged";
 * `any` means that anything but a pass is right, where which one it is depends on the machine.
 *
 * A third layer is the schedule explorer's: the attack as a program whose threads it drives, unscreened as
 * well. There nothing may pass, and what each comes to is the explorer's to say.
 */
#include "base/file.h"
#include "base/process.h"
#include "judge/judge.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <glob.h>
#include <stdlib.h>
#include <string.h>
#include <talloc.h>
#include <unistd.h>
#include <cmocka.h>

static const char target[] = "junior/01-captured-variable";

struct bench; /* what attacks are built with, below */

struct attack {
    char *path, *screened, *unscreened;
};

/* The word behind NAME in the file's first comment. */
static char *declared(void *mem, const char *text, const char *name)
{
    const char *at = strstr(text, name);

    assert_non_null(at);
    at += strlen(name);
    return talloc_strndup(mem, at, strcspn(at, "\n"));
}

static struct attack *attacks_load(void *mem, size_t *count)
{
    glob_t found;

    assert_int_equal(glob("grader/test/attacks/*.c", 0, NULL, &found), 0);
    struct attack *attacks = talloc_array(mem, struct attack, found.gl_pathc);
    for (size_t i = 0; i < found.gl_pathc; i++) {
        char *text = file_read(mem, found.gl_pathv[i], 1 << 20, NULL, NULL);
        assert_non_null(text);
        attacks[i] =
            (struct attack){talloc_strdup(mem, found.gl_pathv[i]), declared(mem, text, "* screened: "),
                            declared(mem, text, "* unscreened: ")};
    }
    *count = found.gl_pathc;
    globfree(&found);
    return attacks;
}

static char *root(void *mem)
{
    char *here = realpath(".", NULL), *kept = talloc_strdup(mem, here);

    free(here);
    return kept;
}

/* A copy of CHECK without the schedule explorer's variants: that is a layer of its own. */
static struct check_spec on_real_threads(void *mem, const struct check_spec *check)
{
    struct check_spec copy = *check;

    copy.variants = talloc_zero_array(mem, char *, check->variant_count);
    copy.variant_count = 0;
    for (size_t i = 0; i < check->variant_count; i++)
        if (variant_find(check->variants[i])->threads == THREADS_REAL)
            copy.variants[copy.variant_count++] = check->variants[i];
    return copy;
}

/* The attacked exercise, with limits that end a loop soon. */
static struct exercise *target_load(void *mem)
{
    struct error err;
    struct catalog *catalog = catalog_load(mem, root(mem), &err);

    if (!catalog)
        fail_msg("%s", err.text);
    const struct exercise *found = catalog_find(catalog, target, &err);
    assert_non_null(found);
    struct exercise *exercise = talloc_memdup(mem, found, sizeof *found);
    exercise->checks = talloc_array(mem, struct check_spec, found->check_count);
    for (size_t i = 0; i < found->check_count; i++)
        exercise->checks[i] = on_real_threads(mem, &found->checks[i]);
    exercise->limits.cpu_ms = 300;
    exercise->limits.idle_ms = 800;
    return exercise;
}

/* What a build comes to: the class, "pass" or "error". */
static const char *outcome(void *mem, const struct build *build)
{
    struct run *runs = NULL;
    size_t count = 0;
    struct error err;

    if (build->status == BUILD_DONE &&
        run_checks(mem, build, &(struct run_options){0}, &runs, &count, &err) != 0)
        fail_msg("%s", err.text);
    struct observation *observations = observe_runs(mem, build, runs, count);
    struct verdict *verdict = judge_submission(mem, build, observations, count);
    if (verdict->status == VERDICT_ERROR)
        print_message("%s\n", verdict->message);
    return verdict->status == VERDICT_FAIL ? class_name(verdict->class) : status_name(verdict->status);
}

static const char *screened(void *mem, const struct exercise *exercise, const struct bench *bench,
                            const char *path)
{
    struct error err;

    (void)bench;
    struct submission *submission = submission_load(mem, exercise, path, &err);
    struct build *build = submission ? build_submission(mem, root(mem), exercise, submission, &err) : NULL;

    if (!build)
        fail_msg("%s: %s", path, err.text);
    return outcome(mem, build);
}

/* Run clang on SOURCES, with the variant's flags if there is one. 0 when it has made OUTPUT. */
static int clang(void *mem, const struct exercise *exercise, const struct variant *variant,
                 const char *const *sources, const char *output)
{
    const char *argv[192] = {"clang",
                             "-D_GNU_SOURCE",
                             talloc_asprintf(mem, "-I%s", exercise->directory),
                             "-Igrader/check",
                             "-pthread",
                             "-o",
                             output};
    size_t count = 7;
    struct error err;

    while (*sources)
        argv[count++] = *sources++;
    for (size_t i = 0; variant && variant->compile[i]; i++)
        argv[count++] = variant->compile[i];
    for (size_t i = 0; variant && variant->link[i]; i++)
        argv[count++] = variant->link[i];
    struct process job = {
        .argv = argv, .file_bytes = 64 << 20, .cpu_seconds = 5, .memory_bytes = (size_t)2 << 30};
    assert_int_equal(process_run(mem, &job, 1, 1, &err), 0);
    return job.exit_code;
}

/* The objects beside the attacker's: made once for all attacks, in a folder of their own. */
struct bench {
    char *folder;
    char *runtime, *create;
    char *explorer; /* the schedule explorer's runtime, one object */
    char *explored_check;
    char *checks[8]; /* one for each check of the exercise, under its first variant */
};

static const struct variant *variant_of(const struct exercise *exercise, size_t check)
{
    return variant_find(exercise->checks[check].variants[0]);
}

/* The explorer's runtime, as build/ makes it. */
static char *explorer_make(void *mem, const struct exercise *exercise, const char *folder)
{
    char *archive = talloc_asprintf(mem, "%s/explorer.o", folder);
    const char *sources[64] = {"-O2",      "-fno-pie", "-no-pie",  "-fno-omit-frame-pointer",
                               "-Igrader", "-r",       "-nostdlib"};
    size_t count = 7;
    glob_t found;

    assert_int_equal(glob("grader/explore/rt/*.c", 0, NULL, &found), 0);
    for (size_t i = 0; i < found.gl_pathc; i++)
        if (explore_runtime_wants(strrchr(found.gl_pathv[i], '/') + 1, 0))
            sources[count++] = talloc_strdup(mem, found.gl_pathv[i]);
    globfree(&found);
    assert_int_equal(clang(mem, exercise, NULL, sources, archive), 0);
    return archive;
}

static struct bench *bench_make(void *mem, const struct exercise *exercise)
{
    struct bench *bench = talloc_zero(mem, struct bench);

    bench->folder = talloc_strdup(mem, "/tmp/test-attacks-XXXXXX");
    assert_non_null(mkdtemp(bench->folder));
    bench->runtime = talloc_asprintf(mem, "%s/runtime.o", bench->folder);
    assert_int_equal(clang(mem, exercise, NULL,
                           (const char *const[]){"-gdwarf-4", "-c", "grader/check/check.c", NULL},
                           bench->runtime),
                     0);
    bench->create = talloc_asprintf(mem, "%s/create.o", bench->folder);
    assert_int_equal(
        clang(mem, exercise, NULL, (const char *const[]){"-c", "grader/check/create.c", NULL}, bench->create),
        0);
    bench->explorer = explorer_make(mem, exercise, bench->folder);
    bench->explored_check = talloc_asprintf(mem, "%s/explored_check.o", bench->folder);
    const char *check[] = {"-c", talloc_asprintf(mem, "%s/check.c", exercise->directory), NULL};
    assert_int_equal(clang(mem, exercise, variant_find("explore"), check, bench->explored_check), 0);
    for (size_t i = 0; i < exercise->check_count; i++) {
        bench->checks[i] = talloc_asprintf(mem, "%s/check%zu.o", bench->folder, i);
        const char *sources[] = {"-c", talloc_asprintf(mem, "%s/check.c", exercise->directory), NULL};
        assert_int_equal(clang(mem, exercise, variant_of(exercise, i), sources, bench->checks[i]), 0);
    }
    return bench;
}

/* Build as build/ does, but whatever the file holds. */
static const char *unscreened(void *mem, const struct exercise *exercise, const struct bench *bench,
                              const char *path)
{
    struct submission submission = {
        .path = (char *)path, .name = exercise->file, .text = (char *)"", .sha256 = ""};
    struct build build = {
        .exercise = exercise, .submission = &submission, .status = BUILD_DONE, .compiler = (char *)"?"};

    build.binaries = talloc_array(mem, struct binary, exercise->check_count);
    for (size_t i = 0; i < exercise->check_count; i++) {
        const struct variant *variant = variant_of(exercise, i);
        char *binary = talloc_asprintf(mem, "%s/%s", bench->folder, variant->name);
        const char *sources[] = {
            "-Wl,--wrap=pthread_create", path, bench->checks[i], bench->runtime, bench->create, NULL};
        if (clang(mem, exercise, variant, sources, binary) != 0)
            return "build";
        build.binaries[build.binary_count++] = (struct binary){variant, binary};
    }
    return outcome(mem, &build);
}

/* The first check, with the threads in the explorer's hands. */
static const char *explored(void *mem, const struct exercise *exercise, const struct bench *bench,
                            const char *path)
{
    const struct variant *variant = variant_find("explore");
    char *names[] = {"explore"}, *binary = talloc_asprintf(mem, "%s/explored", bench->folder);
    struct check_spec check = exercise->checks[0];
    struct exercise only = *exercise;
    struct submission submission = {
        .path = (char *)path, .name = exercise->file, .text = (char *)"", .sha256 = ""};
    struct binary built = {variant, binary};
    struct build build = {.root = root(mem),
                          .exercise = &only,
                          .submission = &submission,
                          .status = BUILD_DONE,
                          .binaries = &built,
                          .binary_count = 1,
                          .compiler = (char *)"?"};
    char *object = talloc_asprintf(mem, "%s/explored.o", bench->folder);
    const char *sources[128] = {object, bench->explored_check, bench->runtime, bench->explorer};
    size_t count = 4;

    for (const char **flag = explore_link_flags(mem, 0); *flag; flag++)
        sources[count++] = *flag;
    check.variants = names;
    check.variant_count = 1;
    only.checks = &check;
    only.check_count = 1;
    if (clang(mem, exercise, variant, (const char *const[]){"-c", path, NULL}, object) != 0 ||
        clang(mem, exercise, NULL, sources, binary) != 0)
        return "build";
    return outcome(mem, &build);
}

typedef const char *layer(void *mem, const struct exercise *exercise, const struct bench *bench,
                          const char *path);

/* What all tests have in common; none changes it. */
struct range {
    struct exercise *exercise;
    struct bench *bench;
};

static int range_open(void **state)
{
    struct range *range = talloc_zero(NULL, struct range);

    range->exercise = target_load(range);
    range->bench = bench_make(range, range->exercise);
    *state = range;
    return 0;
}

static int range_close(void **state)
{
    struct range *range = *state;

    path_remove(range->bench->folder);
    talloc_free(range);
    return 0;
}

/* Send every attack through one layer; tell all that went wrong. */
static void attack_all(const struct range *range, layer *layer, size_t expected_at)
{
    void *mem = talloc_new(NULL);
    size_t count, wrong = 0;
    struct attack *attacks = attacks_load(mem, &count);

    assert_true(count > 40);
    for (size_t i = 0; i < count; i++) {
        const char *expected = *(char **)((char *)&attacks[i] + expected_at);
        const char *got = layer(mem, range->exercise, range->bench, attacks[i].path);
        int right = strcmp(expected, "any") == 0 ? strcmp(got, "pass") != 0 : strcmp(got, expected) == 0;
        if (!right)
            print_error("%s: expected %s, got %s\n", attacks[i].path, expected, got);
        wrong += !right;
    }
    talloc_free(mem);
    assert_int_equal(wrong, 0);
}

static void test_screened(void **state)
{
    attack_all(*state, screened, offsetof(struct attack, screened));
}

/* The limits of the kernel's that the explorer's server sets are in whole seconds, and a call that it does
 * not know may block for long: those that would take minutes are left out. */
static void test_explored(void **state)
{
    const struct range *range = *state;
    void *mem = talloc_new(NULL);
    size_t count, wrong = 0;
    struct attack *attacks = attacks_load(mem, &count);

    for (size_t i = 0; i < count; i++) {
        const char *got = explored(mem, range->exercise, range->bench, attacks[i].path);
        if (strcmp(got, "pass") == 0)
            print_error("%s: passes under the explorer\n", attacks[i].path);
        wrong += strcmp(got, "pass") == 0;
    }
    talloc_free(mem);
    assert_int_equal(wrong, 0);
}

static void test_unscreened(void **state)
{
    attack_all(*state, unscreened, offsetof(struct attack, unscreened));
}

/* The layers refuse attacks, not everything: the solution passes both. */
static void test_solution_passes_both(void **state)
{
    const struct range *range = *state;
    const struct exercise *exercise = range->exercise;
    const struct bench *bench = range->bench;
    void *mem = talloc_new(NULL);
    char *solution = talloc_asprintf(mem, "%s/solution.c", exercise->directory);

    assert_string_equal(screened(mem, exercise, bench, solution), "pass");
    assert_string_equal(unscreened(mem, exercise, bench, solution), "pass");
    for (int taken = 0; taken < 4; taken++) { /* whatever numbers descriptors happen to get */
        assert_string_equal(explored(mem, exercise, bench, solution), "pass");
        assert_true(dup(2) >= 0);
    }
    talloc_free(mem);
}

int main(int argc, char **argv)
{
    if (argc > 1)
        cmocka_set_test_filter(argv[1]);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_solution_passes_both),
        cmocka_unit_test(test_screened),
        cmocka_unit_test(test_unscreened),
        cmocka_unit_test(test_explored),
    };
    return cmocka_run_group_tests_name("attacks", tests, range_open, range_close);
}
