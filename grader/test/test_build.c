/* test_build.c - from files to programs: bad files are told apart, the compiler's words are told shortly, and
 * the grader's own trouble never looks like the learner's. See also test_build_screen.c,
 * test_build_variants.c and test_build_cache.c.
 */
#include "fixture_build.h"

#include <glob.h>
#include <sys/stat.h>

/* TEXT cannot be judged, for the reason WORDS. */
static void assert_trouble(struct stage *stage, const char *text, const char *words)
{
    struct build *build = stage_build(stage, text);

    if (build)
        fail_msg("status %d: %s", build->status,
                 build->diagnostic_count ? build->diagnostics[0].text : "no words");
    assert_int_equal(stage->err.status, EXIT_GRADER);
    if (!strstr(stage->err.text, words))
        fail_msg("\"%s\" does not say \"%s\"", stage->err.text, words);
}

/* --- submissions --------------------------------------------------------------------------------------- */

/* PATH below the stage must be refused as the user's, in these words. */
static void assert_unloadable(struct stage *stage, const char *path, const char *words)
{
    char *whole = talloc_asprintf(stage, "%s/%s", stage->root, path);

    stage->err.text[0] = '\0';
    assert_null(submission_load(stage, &stage->exercise, whole, &stage->err));
    assert_int_equal(stage->err.status, EXIT_USAGE);
    if (!strstr(stage->err.text, words) || !strstr(stage->err.text, path))
        fail_msg("\"%s\" does not say \"%s\"", stage->err.text, words);
}

static void write_bytes(struct stage *stage, const char *name, const char *bytes, size_t length)
{
    file_replace(talloc_asprintf(stage, "%s/%s", stage->root, name), bytes, length, NULL);
}

static void test_bad_files(void **state)
{
    struct stage *stage = *state;
    char *large = talloc_zero_array(stage, char, SUBMISSION_BYTES + 2);

    memset(large, ' ', SUBMISSION_BYTES + 1);
    large[0] = ';';
    write_bytes(stage, "large.c", large, SUBMISSION_BYTES + 1);
    write_bytes(stage, "zero.c", "int x;\0int y;", 13);
    write_bytes(stage, "latin.c", "// caf\xe9\n", 8);
    write_bytes(stage, "overlong.c", "// \xc0\xaf\n", 6);
    write_bytes(stage, "cut.c", "// \xe2\x82", 5);
    stage_write(stage, "empty.c", "");
    stage_write(stage, "blank.c", " \n\t\n");
    folder_make(talloc_asprintf(stage, "%s/folder", stage->root), NULL);
    folder_make(talloc_asprintf(stage, "%s/nested/tasks.c", stage->root), NULL);
    mkfifo(talloc_asprintf(stage, "%s/pipe.c", stage->root), 0600);
    symlink("nowhere", talloc_asprintf(stage, "%s/dangling.c", stage->root));
    symlink("/dev/zero", talloc_asprintf(stage, "%s/device.c", stage->root));

    assert_unloadable(stage, "missing.c", "there is no file");
    assert_unloadable(stage, "dangling.c", "there is no file");
    assert_unloadable(stage, "folder", "is a folder without a tasks.c in it");
    assert_unloadable(stage, "nested", "is a folder without a tasks.c in it");
    assert_unloadable(stage, "empty.c", "is empty");
    assert_unloadable(stage, "blank.c", "nothing in it but white space");
    assert_unloadable(stage, "large.c", "is too large");
    assert_unloadable(stage, "zero.c", "byte 7 is zero, as in a binary file");
    assert_unloadable(stage, "latin.c", "byte 7 is not UTF-8 text");
    assert_unloadable(stage, "overlong.c", "byte 4 is not UTF-8 text");
    assert_unloadable(stage, "cut.c", "byte 4 is not UTF-8 text");
    assert_unloadable(stage, "pipe.c", "not an ordinary file");
    stage->err.text[0] = '\0';
    assert_null(submission_load(stage, &stage->exercise, "/dev/zero", &stage->err));
    assert_non_null(strstr(stage->err.text, "not an ordinary file"));
}

static void test_good_files(void **state)
{
    struct stage *stage = *state;
    struct submission *submission;
    char *largest = talloc_zero_array(stage, char, SUBMISSION_BYTES + 1);

    folder_make(talloc_asprintf(stage, "%s/here", stage->root), NULL);
    stage_write(stage, "here/tasks.c", "int x; // \xe2\x82\xac\n");
    submission =
        submission_load(stage, &stage->exercise, talloc_asprintf(stage, "%s/here", stage->root), &stage->err);
    assert_non_null(submission);
    assert_string_equal(submission->name, "tasks.c");
    assert_string_equal(submission->text, "int x; // \xe2\x82\xac\n");
    assert_int_equal(submission->length, 14);
    assert_non_null(strstr(submission->path, "/here/tasks.c"));
    memset(largest, 'x', SUBMISSION_BYTES);
    assert_non_null(stage_submit(stage, largest));
}

/* --- independence of the place ------------------------------------------------------------------------- */

static void test_place_does_not_matter(void **state)
{
    struct stage *stage = *state;
    struct build *build = build_well(stage, good);
    size_t length;

    folder_make(talloc_asprintf(stage, "%s/else where", stage->root), NULL);
    stage_write(stage, "else where/other name.c", good);
    char *path = talloc_asprintf(stage, "%s/else where/other name.c", stage->root);
    struct submission *elsewhere = submission_load(stage, &stage->exercise, path, &stage->err);
    struct build *again = build_submission(stage, stage->root, &stage->exercise, elsewhere, &stage->err);
    assert_non_null(again);
    assert_int_equal(again->cached, 1);
    assert_string_equal(again->binaries[0].path, build->binaries[0].path);

    char *program = file_read(stage, build->binaries[0].path, 1 << 26, &length, NULL);
    assert_null(memmem(program, length, stage->root, strlen(stage->root)));
    assert_non_null(memmem(program, length, "tasks.c", strlen("tasks.c") + 1));
}

/* The same text is the same program tomorrow. */
static void test_time_does_not_matter(void **state)
{
    struct stage *stage = *state;
    size_t length;
    struct build *build = build_well(stage, "#include <stdio.h>\nint run_tasks(int count)\n{\n    puts(\"[\" "
                                            "__DATE__ \" \" __TIME__ \"]\");\n    return count;\n}\n");
    char *program = file_read(stage, build->binaries[0].path, 1 << 26, &length, NULL);

    assert_non_null(memmem(program, length, "[Jan  1 1970 00:00:00]", strlen("[Jan  1 1970 00:00:00]")));
}

/* The user's own settings for compilers do not change what is built. */
static void test_environment_does_not_matter(void **state)
{
    struct stage *stage = *state;

    folder_make(talloc_asprintf(stage, "%s/traps", stage->root), NULL);
    stage_write(stage, "traps/stdio.h", "#error a trap\n");
    setenv("CPATH", talloc_asprintf(stage, "%s/traps", stage->root), 1);
    setenv("CCC_OVERRIDE_OPTIONS", "+-DTRAP", 1);
    setenv("LC_ALL", "de_DE.UTF-8", 1);
    build_well(stage, "#include <stdio.h>\n#ifdef TRAP\n#error a trap\n#endif\nint run_tasks(int count)\n{\n "
                      "   puts(\"\");\n    return count;\n}\n");
    unsetenv("CPATH");
    unsetenv("CCC_OVERRIDE_OPTIONS");
    unsetenv("LC_ALL");
}

/* --- diagnostics --------------------------------------------------------------------------------------- */

static void test_diagnostics(void **state)
{
    struct stage *stage = *state;

    stage_write(stage, "exercises/junior/01-x/other.h",
                "typedef int fine;\n\ntypedef missing_type broken;\n");
    struct build *build =
        stage_build(stage, "#warning first of all\n#include \"other.h\"\nint run_tasks(int count)\n{\n"
                           "    return x + \t  \n1;\n}\n");
    assert_non_null(build);
    assert_int_equal(build->status, BUILD_FAILED);
    assert_int_equal(build->binary_count, 0);
    assert_int_equal(build->diagnostic_count, 4);
    const struct diagnostic *mine = build->diagnostics, *header = mine + 1, *warning = mine + 2,
                            *parameter = mine + 3;
    assert_string_equal(mine->file, "tasks.c");
    assert_int_equal(mine->line, 5);
    assert_int_equal(mine->column, 12);
    assert_int_equal(mine->severity, SEVERITY_ERROR);
    assert_string_equal(mine->text, "use of undeclared identifier 'x'");
    assert_string_equal(mine->source, "return x +");
    assert_string_equal(header->file, "other.h");
    assert_int_equal(header->line, 3);
    assert_int_equal(header->severity, SEVERITY_ERROR);
    assert_null(header->source);
    assert_int_equal(warning->line, 1);
    assert_int_equal(warning->severity, SEVERITY_WARNING);
    assert_int_equal(parameter->line, 3);
}

/* The features that we switch on are no reason to warn people who switch them on themselves. */
static void test_features(void **state)
{
    static const char rest[] = "#include \"tasks.h\"\n#include <pthread.h>\nint run_tasks(int count)\n{\n"
                               "    return pthread_setname_np(pthread_self(), \"x\") + count;\n}\n";
    struct stage *stage = *state;

    assert_int_equal(build_well(stage, rest)->diagnostic_count, 0);
    assert_int_equal(
        build_well(stage, talloc_asprintf(stage, "#define _GNU_SOURCE\n%s", rest))->diagnostic_count, 0);
    assert_int_equal(
        build_well(stage, talloc_asprintf(stage, "#define _GNU_SOURCE 1\n%s", rest))->diagnostic_count, 0);
}

static void test_few_diagnostics(void **state)
{
    struct stage *stage = *state;
    char *text = talloc_strdup(stage, good);

    for (int i = 0; i < 50; i++)
        text = talloc_asprintf_append(text, "static int unused_%d;\n", i);
    struct build *build = build_well(stage, text);
    assert_int_equal(build->diagnostic_count, 20);
    assert_int_equal(build->diagnostics[0].line, 6);
    assert_int_equal(build->diagnostics[0].severity, SEVERITY_WARNING);
    struct build *again = build_well(stage, text);
    assert_int_equal(again->cached, 1);
    assert_int_equal(again->diagnostic_count, 20);
}

/* --- the grader's own trouble --------------------------------------------------------------------------- */

static void test_author_faults(void **state)
{
    struct stage *stage = *state;
    char *strict[] = {"no-such-warning"};

    stage_write(stage, "exercises/junior/01-x/check.c", "#include \"check.h\"\nint given(void) { return }\n");
    assert_trouble(stage, good, "check.c cannot be built");
    stage_write(stage, "exercises/junior/01-x/check.c",
                "#include \"check.h\"\n#include \"tasks.h\"\nint given(int x) { return x; }\nvoid f(void) { "
                "run_tasks(1); }\n");
    assert_trouble(stage, good, "undefined symbol: check_table");
    path_remove(talloc_asprintf(stage, "%s/check.c", stage->folder));
    assert_trouble(stage, good, "check.c: No such file");
    stage_write(stage, "exercises/junior/01-x/check.c", stage_check_c);
    stage_write(stage, "reference/core/ticket.c", "#error not yet\n");
    build_well(stage, good); /* a room that it does not use cannot break it */
    assert_trouble(stage, talloc_asprintf(stage, "#include \"ticket.h\"\n%s", good), "not yet");
    stage_write(stage, "reference/core/ticket.c", "");
    stage->exercise.strict = strict;
    stage->exercise.strict_count = 1;
    assert_trouble(stage, good, "a warning that `strict` names does not exist");
    stage->exercise.strict_count = 0;
    stage_variants(stage, "native quantum");
    assert_trouble(stage, good, "the variant `quantum`, which does not exist");
    stage_variants(stage, "native");
    build_well(stage, good);
}

/* A folder in PATH that holds only NAME, a link to TARGET or a script. */
static void make_tool(struct stage *stage, const char *name, const char *target, const char *script)
{
    char *path = talloc_asprintf(stage, "%s/bin/%s", stage->root, name);

    folder_make(talloc_asprintf(stage, "%s/bin", stage->root), NULL);
    path_remove(path);
    if (script) {
        stage_write(stage, talloc_asprintf(stage, "bin/%s", name), script);
        chmod(path, 0755);
    } else {
        assert_int_equal(symlink(target, path), 0);
    }
}

static void test_tools_missing(void **state)
{
    struct stage *stage = *state;
    char *path = talloc_strdup(stage, getenv("PATH"));

    folder_make(talloc_asprintf(stage, "%s/bin", stage->root), NULL);
    setenv("PATH", talloc_asprintf(stage, "%s/bin", stage->root), 1);
    assert_trouble(stage, good, "clang is not installed (package clang): `make start`");
    make_tool(stage, "clang", NULL, "#!/bin/sh\nkill -SEGV $$\n");
    assert_trouble(stage, good, "ar is not installed (package binutils)");
    make_tool(stage, "ar", "/usr/bin/ar", NULL);
    assert_trouble(stage, good, "crashed on");
    make_tool(stage, "clang", NULL,
              "#!/bin/sh\necho 'ld: cannot find /usr/lib/libclang_rt.tsan.a'\nexit 1\n");
    assert_trouble(stage, good, "sanitizer libraries are missing (package libclang-rt-");
    make_tool(stage, "ld", "/usr/bin/ld", NULL);
    make_tool(stage, "clang", "/usr/bin/clang", NULL); /* no lld there: the default linker does it */
    build_well(stage, good);
    setenv("PATH", path, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
        TEST(test_bad_files),
        TEST(test_good_files),
        TEST(test_place_does_not_matter),
        TEST(test_time_does_not_matter),
        TEST(test_environment_does_not_matter),
        TEST(test_diagnostics),
        TEST(test_features),
        TEST(test_few_diagnostics),
        TEST(test_author_faults),
        TEST(test_tools_missing),
    };
    return cmocka_run_group_tests_name("build", tests, NULL, NULL);
}
