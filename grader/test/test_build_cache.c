/* test_build_cache.c - whatever happens to build/cache (damage, kills, two graders, no room, no right to
 * write), a program that comes out of it is the right one, and what cannot be done is told as the grader's
 * trouble.
 */
#include "fixture_build.h"

#include <fcntl.h>
#include <grp.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>

enum { SKIPPED = 77 };

/* In a process of its own; returns its exit status. */
static int in_child(struct stage *stage, int (*act)(struct stage *stage))
{
    int status;
    pid_t child = fork();

    assert_true(child >= 0);
    if (child == 0)
        _exit(act(stage));
    assert_int_equal(waitpid(child, &status, 0), child);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/* --- finding again ------------------------------------------------------------------------------------- */

static void test_found_again(void **state)
{
    struct stage *stage = *state;
    struct build *first = build_well(stage, good);

    assert_int_equal(first->cached, 0);
    assert_true(works(stage, first));
    assert_string_not_equal(first->compiler, "");
    struct build *second = build_well(stage, good);
    assert_int_equal(second->cached, 1);
    assert_string_equal(second->binaries[0].path, first->binaries[0].path);
    assert_string_equal(second->compiler, first->compiler);
    assert_int_equal(build_well(stage, other)->cached, 0);
    assert_int_equal(build_well(stage, good)->cached, 1);
}

/* Every file that can reach into a program must be part of its key. */
static void test_every_source_counts(void **state)
{
    static const struct {
        const char *file, *text;
    } changes[] = {
        {"exercises/junior/01-x/tasks.h",
         "int run_tasks(int count);\nint given(int value);\n#define NEW 1\n"},
        {"exercises/junior/01-x/inside.h", "/* something new */\n"},
        {"exercises/junior/01-x/helper.c", "int help(void)\n{\n    return 2;\n}\n"},
        {"reference/core/ticket.c", "#include \"ticket.h\"\nint ticket_next(void)\n{\n    return 5;\n}\n"},
        {"reference/core/ticket.h", "int ticket_next(void);\nint ticket_last(void);\n"},
        {"grader/check/protocol.h", NULL},
        {"grader/check/check.c", NULL},
    };
    char *support[] = {"helper.c"};
    struct stage *stage = *state;
    const char *text = talloc_asprintf(stage, "#include \"ticket.h\"\n%s", good);

    stage_write(stage, "exercises/junior/01-x/helper.c", "int help(void)\n{\n    return 1;\n}\n");
    stage->exercise.support = support;
    stage->exercise.support_count = 1;
    build_well(stage, text);
    for (size_t i = 0; i < sizeof changes / sizeof changes[0]; i++) {
        char *path = talloc_asprintf(stage, "%s/%s", stage->root, changes[i].file);
        char *old = file_read(stage, path, 1 << 20, NULL, NULL);
        stage_write(stage, changes[i].file,
                    changes[i].text ? changes[i].text : talloc_asprintf(stage, "%s/* new */\n", old));
        if (build_well(stage, text)->cached)
            fail_msg("a change of %s goes unnoticed", changes[i].file);
        stage_write(stage, changes[i].file, old);
        if (!build_well(stage, text)->cached)
            fail_msg("the old %s is not found again", changes[i].file);
    }
}

/* What stands in a room of the library that a program does not use is no part of it. */
static void test_unused_rooms_do_not_count(void **state)
{
    struct stage *stage = *state;

    build_well(stage, good);
    stage_write(stage, "reference/core/ticket.h", "int ticket_last(void);\n");
    assert_int_equal(build_well(stage, good)->cached, 1);
    folder_make(talloc_asprintf(stage, "%s/reference/spare", stage->root), NULL);
    stage_write(stage, "reference/spare/spare.h", "#include \"ticket.h\"\n");
    build_well(stage, talloc_asprintf(stage, "#include \"spare.h\"\n%s", good));
    stage_write(stage, "reference/core/ticket.c", "#error a room that another room uses\n");
    assert_null(stage_build(stage, talloc_asprintf(stage, "#include \"spare.h\"\n/* new */%s", good)));
}

/* A header that only the submission includes is a part of what it is made of. */
static void test_headers_count(void **state)
{
    static const char *const headers[] = {"exercises/junior/01-x/mine.h", "reference/core/mine.h"};
    static const char text[] = "#include \"mine.h\"\nint run_tasks(int count)\n{\n    return count;\n}\n";
    struct stage *stage = *state;

    for (size_t i = 0; i < 2; i++) {
        stage_write(stage, headers[i], "int run_tasks(int count);\n");
        build_well(stage, text);
        stage_write(stage, headers[i], "#error new\n");
        struct build *build = stage_build(stage, text);
        assert_non_null(build);
        assert_int_equal(build->status, BUILD_FAILED);
        path_remove(talloc_asprintf(stage, "%s/%s", stage->root, headers[i]));
    }
}

/* How many entries of the cache hold a file of that name. */
static size_t entries_with(struct stage *stage, const char *name)
{
    glob_t found;
    size_t count = 0;

    if (glob(talloc_asprintf(stage, "%s/*/%s", cache_folder(stage), name), 0, NULL, &found) == 0)
        count = found.gl_pathc;
    globfree(&found);
    return count;
}

/* The room `more`, which needs the room `core`; a program with both has its own use of `core`. */
static void build_both_rooms(struct stage *stage)
{
    stage_write(stage, "exercises/junior/01-x/inside.h", "#include \"more.h\"\n");
    folder_make(talloc_asprintf(stage, "%s/reference/more", stage->root), NULL);
    stage_write(stage, "reference/more/more.h", "#include \"ticket.h\"\n");
    stage_write(stage, "reference/more/more.c", "#include \"more.h\"\nint more;\n");
    build_well(stage, good);
}

/* What does not depend on the exercise is made once for all of them, and for a project in another place that
 * has the same cache: the check runtime, the explorer's, and each room of the library. */
static void test_shared(void **state)
{
    static const char *const shared[] = {"create.o", "mutex.o", "ticket.o"};
    struct stage *stage = *state, *elsewhere = stage_begin();
    char *first = stage->folder;

    stage_variants(stage, "explore tsan");
    stage_variants(elsewhere, "explore tsan");
    build_well(stage, "#include \"ticket.h\"\nint run_tasks(int count)\n{\n    return count;\n}\n");
    stage->folder = talloc_asprintf(stage, "%s/exercises/junior/02-y", stage->root);
    assert_int_equal(rename(first, stage->folder), 0);
    stage->exercise.directory = stage->folder;
    build_well(stage, "#include \"ticket.h\"\nint run_tasks(int count)\n{\n    return count;\n}\n");
    assert_int_equal(entries_with(stage, "submission.o"), 2);
    folder_make(talloc_asprintf(stage, "%s/build", elsewhere->root), NULL);
    assert_int_equal(symlink(cache_folder(stage), cache_folder(elsewhere)), 0);
    build_both_rooms(elsewhere);
    assert_int_equal(entries_with(stage, "more.o"), 1);
    for (size_t i = 0; i < sizeof shared / sizeof shared[0]; i++)
        if (entries_with(stage, shared[i]) != 1)
            fail_msg("%s was made %zu times", shared[i], entries_with(stage, shared[i]));
    stage_end(elsewhere);
}

/* A new compiler makes everything anew. */
static void test_compiler_counts(void **state)
{
    struct stage *stage = *state;
    char *old = talloc_strdup(stage, getenv("PATH"));
    char *script = talloc_asprintf(stage, "%s/bin/clang", stage->root);

    folder_make(talloc_asprintf(stage, "%s/bin", stage->root), NULL);
    stage_write(stage, "bin/clang", "#!/bin/sh\nexec /usr/bin/clang \"$@\"\n");
    chmod(script, 0755);
    setenv("PATH", talloc_asprintf(stage, "%s/bin:%s", stage->root, old), 1);
    build_well(stage, good);
    int again = build_well(stage, good)->cached;
    stage_write(stage, "bin/clang", "#!/bin/sh\n# new\nexec /usr/bin/clang \"$@\"\n");
    chmod(script, 0755);
    int new = build_well(stage, good)->cached;
    setenv("PATH", old, 1);
    assert_int_equal(again, 1);
    assert_int_equal(new, 0);
}

/* --- damage -------------------------------------------------------------------------------------------- */

enum damage { FLIP, CUT, EMPTY, REMOVE, DAMAGES };

static void damage(const char *path, enum damage how)
{
    struct stat status;
    char byte;
    int file = open(path, O_RDWR);

    if (file < 0 || fstat(file, &status) != 0)
        fail_msg("%s cannot be damaged", path);
    if (how == FLIP && status.st_size > 0) {
        assert_int_equal(pread(file, &byte, 1, status.st_size / 2), 1);
        byte ^= 1;
        assert_int_equal(pwrite(file, &byte, 1, status.st_size / 2), 1);
    } else if (how == REMOVE) {
        unlink(path);
    } else if (ftruncate(file, how == CUT ? status.st_size / 2 : 0) != 0) {
        fail_msg("%s cannot be cut", path);
    }
    close(file);
}

/* Damage every file of the cache. */
static void damage_all(struct stage *stage, enum damage how)
{
    glob_t found;

    assert_int_equal(glob(talloc_asprintf(stage, "%s/*/*", cache_folder(stage)), 0, NULL, &found), 0);
    for (size_t i = 0; i < found.gl_pathc; i++)
        damage(found.gl_pathv[i], how);
    globfree(&found);
}

static void test_damage(void **state)
{
    struct stage *stage = *state;
    size_t length, again_length;
    struct build *build = build_well(stage, good);
    char *right = file_read(stage, build->binaries[0].path, 1 << 26, &length, NULL);

    for (int how = FLIP; how < DAMAGES; how++) {
        damage_all(stage, (enum damage)how);
        struct build *again = build_well(stage, good);
        assert_int_equal(again->cached, 0);
        char *program = file_read(stage, again->binaries[0].path, 1 << 26, &again_length, NULL);
        assert_int_equal(again_length, length);
        assert_memory_equal(program, right, length);
        assert_true(works(stage, again));
        assert_int_equal(build_well(stage, good)->cached, 1);
    }
}

/* Killed at whatever moment, a grader leaves nothing that a later one would trip over. */
static void test_killed(void **state)
{
    struct stage *stage = *state;

    for (int i = 0; i < 6; i++) {
        pid_t child = fork();
        assert_true(child >= 0);
        if (child == 0) {
            build_well(stage, i % 2 ? good : other);
            _exit(0);
        }
        usleep((useconds_t)(i * 40000));
        kill(child, SIGKILL);
        assert_int_equal(waitpid(child, NULL, 0), child);
    }
    assert_true(works(stage, build_well(stage, good)));
    assert_true(works(stage, build_well(stage, other)));
}

/* --- company ------------------------------------------------------------------------------------------- */

static int build_and_run(struct stage *stage)
{
    struct build *build = stage_build(stage, good);
    return build && build->status == BUILD_DONE && works(stage, build) ? 0 : 1;
}

static void test_two_graders(void **state)
{
    struct stage *stage = *state;
    pid_t children[3];
    int status;

    for (size_t i = 0; i < 3; i++) {
        children[i] = fork();
        assert_true(children[i] >= 0);
        if (children[i] == 0)
            _exit(build_and_run(stage));
    }
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(waitpid(children[i], &status, 0), children[i]);
        assert_int_equal(status, 0);
    }
    assert_int_equal(build_well(stage, good)->cached, 1);
}

/* --- no room, no right --------------------------------------------------------------------------------- */

/* Build GOOD, which is in the cache, and OTHER, which is not. */
static int use_only(struct stage *stage)
{
    struct submission *known = submission_load(
        stage, &stage->exercise, talloc_asprintf(stage, "%s/known.c", stage->root), &stage->err);
    struct submission *new = submission_load(stage, &stage->exercise,
                                             talloc_asprintf(stage, "%s/new.c", stage->root), &stage->err);
    struct build *build = build_submission(stage, stage->root, &stage->exercise, known, &stage->err);

    if (!build || !build->cached || !works(stage, build))
        return 1;
    if (build_submission(stage, stage->root, &stage->exercise, new, &stage->err))
        return 2;
    return stage->err.status == EXIT_GRADER && strstr(stage->err.text, "cannot write the build cache") ? 0
                                                                                                       : 3;
}

static int use_only_as_nobody(struct stage *stage)
{
    if (geteuid() == 0 && (setgroups(0, NULL) != 0 || setresgid(65534, 65534, 65534) != 0 ||
                           setresuid(65534, 65534, 65534) != 0))
        return SKIPPED;
    return use_only(stage);
}

static void test_read_only(void **state)
{
    struct stage *stage = *state;

    build_well(stage, good);
    stage_write(stage, "known.c", good);
    stage_write(stage, "new.c", other);
    chmod(stage->root, 0755);
    chmod(cache_folder(stage), 0555);
    int result = in_child(stage, use_only_as_nobody);
    chmod(cache_folder(stage), 0755);
    if (result == SKIPPED)
        skip();
    assert_int_equal(result, 0);
}

static void test_in_the_way(void **state)
{
    struct stage *stage = *state;

    folder_make(talloc_asprintf(stage, "%s/build", stage->root), NULL);
    stage_write(stage, "build/cache", "a file\n");
    assert_null(stage_build(stage, good));
    assert_int_equal(stage->err.status, EXIT_GRADER);
    assert_non_null(strstr(stage->err.text, "is in the way"));
}

/* A disk on which not even one object fits, or only the objects but not the program. */
static int build_on_small_disk(struct stage *stage)
{
    static const char *const sizes[] = {"size=16k", "size=150k", "size=700k"};

    if (unshare(CLONE_NEWNS) != 0 && unshare(CLONE_NEWUSER | CLONE_NEWNS) != 0)
        return SKIPPED;
    stage_variants(stage, "tsan");
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        if (mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0 ||
            mount("none", cache_folder(stage), "tmpfs", 0, sizes[i]) != 0)
            return SKIPPED;
        stage->err = (struct error){0};
        if (stage_build(stage, good))
            return 1;
        if (stage->err.status != EXIT_GRADER ||
            (!strstr(stage->err.text, "is full") && !strstr(stage->err.text, "No space left")))
            return fprintf(stderr, "%s: %s\n", sizes[i], stage->err.text), 2;
        umount(cache_folder(stage));
    }
    return 0;
}

static void test_full_disk(void **state)
{
    struct stage *stage = *state;

    folder_make(cache_folder(stage), NULL);
    int result = in_child(stage, build_on_small_disk);
    if (result == SKIPPED)
        skip();
    assert_int_equal(result, 0);
}

/* Nothing temporary stays behind, whether the build goes well or not. */
static void test_tidy(void **state)
{
    struct stage *stage = *state;
    glob_t found;

    build_well(stage, good);
    assert_non_null(stage_build(stage, "int x = ;\n"));
    assert_int_equal(glob(talloc_asprintf(stage, "%s/tmp.*", cache_folder(stage)), 0, NULL, &found),
                     GLOB_NOMATCH);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
        TEST(test_found_again),
        TEST(test_headers_count),
        TEST(test_compiler_counts),
        TEST(test_every_source_counts),
        TEST(test_unused_rooms_do_not_count),
        TEST(test_shared),
        TEST(test_damage),
        TEST(test_killed),
        TEST(test_two_graders),
        TEST(test_read_only),
        TEST(test_in_the_way),
        TEST(test_full_disk),
        TEST(test_tidy),
    };
    return cmocka_run_group_tests_name("build: cache", tests, NULL, NULL);
}
