/* test_predict.c - answers of kind predict: what a file lists, what a program can print, and what is told
 * when the two differ.
 *
 * The programs are small, and what they can print is derived by hand beside them. They are built in a project
 * of their own; the explorer's runtime is taken from this one's cache when it is there.
 */
#include "base/file.h"
#include "judge/judge.h"

#include <glob.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <talloc.h>
#include <unistd.h>

#include <cmocka.h>

struct stage {
    char *root;
    struct exercise exercise;
    struct check_spec checks[2];
    struct error err;
};

static void put(const char *path, const void *text, size_t length)
{
    struct error err;
    if (file_replace(path, text, length, &err) != 0)
        fail_msg("%s", err.text);
}

static int set_up(void **state)
{
    static char *variants[] = {"explore"};
    struct stage *stage = talloc_zero(NULL, struct stage);
    char *here = realpath(".", NULL), *cache;
    glob_t found;

    *state = stage;
    stage->root = talloc_strdup(stage, "/tmp/deepend-predict-XXXXXX");
    assert_non_null(mkdtemp(stage->root));
    cache = talloc_asprintf(stage, "%s/build/cache", stage->root);
    assert_int_equal(folder_make(cache, &stage->err), 0);
    assert_int_equal(
        symlink(talloc_asprintf(stage, "%s/grader", here), talloc_asprintf(stage, "%s/grader", stage->root)),
        0);
    if (glob(talloc_asprintf(stage, "%s/build/cache/runtime-*", here), 0, NULL, &found) == 0)
        for (size_t i = 0; i < found.gl_pathc; i++)
            assert_int_equal(symlink(found.gl_pathv[i],
                                     talloc_asprintf(stage, "%s%s", cache, strrchr(found.gl_pathv[i], '/'))),
                             0);
    globfree(&found);
    free(here);
    for (int i = 0; i < 2; i++)
        stage->checks[i] = (struct check_spec){.name = i == 0 ? "complete" : "possible",
                                               .title = "",
                                               .variants = variants,
                                               .variant_count = 1,
                                               .points = 3};
    stage->exercise = (struct exercise){.directory = stage->root,
                                        .id = "junior/01-x",
                                        .title = "X",
                                        .kind = KIND_PREDICT,
                                        .file = "answer.txt",
                                        .program = "program.c",
                                        .checks = stage->checks,
                                        .check_count = 2};
    return 0;
}

static int tear_down(void **state)
{
    struct stage *stage = *state;
    assert_int_equal(path_remove(stage->root), 0);
    talloc_free(stage);
    return 0;
}

/* --- outcomes in words ---------------------------------------------------------------------------------- */

static void test_written(void **state)
{
    static const struct {
        const char *output, *written; /* NULL: no answer can say it */
    } cases[] = {
        {"", "(nothing)"}, {"\n", "(nothing)"},   {" \t\n\n", "(nothing)"},
        {"a", "a"},        {"a\n", "a"},          {"  a  b \n", "a b"},
        {"a\nb", "a / b"}, {"a \n b\n", "a / b"}, {"a\n\nb\n", "a / / b"},
        {"a\tb", "a b"},   {"1/2\n", "1/2"},      {"\xc3\xa9\n", "\xc3\xa9"},
        {"a\001b", NULL},  {"#1\n", NULL},        {"a #1\n", "a #1"},
    };

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const char *written = outcome_written(*state, cases[i].output);
        if (cases[i].written ? !written || strcmp(written, cases[i].written) != 0 : written != NULL)
            fail_msg("case %zu: '%s'", i, written ? written : "NULL");
    }
}

/* --- answers ---------------------------------------------------------------------------------------------
 */

static struct submission *submit_bytes(struct stage *stage, const char *text, size_t length)
{
    char *path = talloc_asprintf(stage, "%s/answer.txt", stage->root);

    put(path, text, length);
    return submission_load(stage, &stage->exercise, path, &stage->err);
}

static struct submission *submit(struct stage *stage, const char *text)
{
    return submit_bytes(stage, text, strlen(text));
}

/* "1 a; 3 b (5)": each outcome with its line, and the line of its double. */
static char *listed(void *mem, const struct answer *answer)
{
    char *text = talloc_strdup(mem, "");

    for (size_t i = 0; i < answer->count; i++) {
        const struct listed *one = &answer->list[i];
        text = talloc_asprintf_append(text, "%s%d %s", i ? "; " : "", one->line, one->text);
        if (one->twice)
            text = talloc_asprintf_append(text, " (%d)", one->twice);
    }
    return text;
}

static void test_listed(void **state)
{
    static const struct {
        const char *text, *listed;
    } cases[] = {
        {"a\nb\n", "1 a; 2 b"},
        {"a", "1 a"},
        {"# comment\n\n  a   b \t\n \n   # another\n(nothing)\n", "3 a b; 6 (nothing)"},
        {"a  /  b\n", "1 a / b"},
        {"a\r\nb\r\n", "1 a; 2 b"},
        {"\xef\xbb\xbf"
         "a\nb\n",
         "1 a; 2 b"},
        {"(Nothing)\n( nothing )\n", "1 (nothing); 2 ( nothing )"},
        {"a\nb\n a\na\n", "1 a (3); 2 b"},
        {"a # b\n", "1 a # b"},
    };

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct submission *submission = submit(*state, cases[i].text);
        if (!submission)
            fail_msg("case %zu: %s", i, ((struct stage *)*state)->err.text);
        assert_string_equal(listed(*state, submission->answer), cases[i].listed);
    }
}

static void refuses(struct stage *stage, const char *text, size_t length, const char *words)
{
    assert_null(submit_bytes(stage, text, length));
    assert_int_equal(stage->err.status, EXIT_USAGE);
    if (!strstr(stage->err.text, words))
        fail_msg("expected '%s', got '%s'", words, stage->err.text);
}

/* COUNT lines with different numbers. */
static char *numbers(void *mem, int count)
{
    char *text = talloc_strdup(mem, "");
    for (int i = 0; i < count; i++)
        text = talloc_asprintf_append_buffer(text, "%d\n", i);
    return text;
}

static void test_bad_answers(void **state)
{
    struct stage *stage = *state;
    char *many = numbers(stage, 10000), *enough = numbers(stage, 200);

    refuses(stage, "", 0, "is empty");
    refuses(stage, " \n\t\n", 4, "nothing in it but white space");
    refuses(stage, "# only\n# words\n", 15, "lists no outcome yet");
    refuses(stage, "a\0b", 3, "is not text: byte 2 is zero");
    refuses(stage, "a\xff\n", 3, "is not text: byte 2 is not UTF-8");
    refuses(stage, many, strlen(many), "more than 200 different outcomes");
    refuses(stage, many, strlen(many), "line 201");
    assert_int_equal(submit(stage, enough)->answer->count, 200);
    char *same = talloc_strdup(stage, "");
    for (int i = 0; i < 10000; i++)
        same = talloc_strdup_append_buffer(same, "a\n");
    assert_int_equal(submit(stage, same)->answer->count, 1);
}

/* --- programs --------------------------------------------------------------------------------------------
 */

#define HEAD                                                                                                 \
    "/* x */\n#include <pthread.h>\n#include <stdatomic.h>\n#include <stdio.h>\n#include <stdlib.h>\n"       \
    "#include <unistd.h>\nstatic pthread_mutex_t a = PTHREAD_MUTEX_INITIALIZER;\n"                           \
    "static pthread_mutex_t b = PTHREAD_MUTEX_INITIALIZER;\nstatic int plain;\nstatic atomic_int n;\n"       \
    "void *thread(void *arg);\n"
#define JOINED(in_main)                                                                                      \
    "int main(void)\n{\n    pthread_t t;\n    (void)a; (void)b; (void)plain; (void)n;\n"                     \
    "    pthread_create(&t, NULL, thread, NULL);\n" in_main "    pthread_join(t, NULL);\n"
#define END "    return 0;\n}\n"

/* Two increments by the thread, a look by main: 0, 1 or 2. Without a switch that is no need: 0. */
static const char look[] = HEAD "void *thread(void *arg)\n{\n    n++;\n    n++;\n    return arg;\n}\n" JOINED(
    "    int seen = n;\n") "    printf(\"%d\\n\", seen);\n" END;
/* Two looks. A switch before one of them is simpler than those that bring a 1, which the search without a
 * bound meets earlier. */
static const char looks[] =
    HEAD "void *thread(void *arg)\n{\n    n++;\n    n++;\n    return arg;\n}\n" JOINED(
        "    int first = n, second = n;\n") "    printf(\"%d%d\\n\", first, second);\n" END;
/* A deadlock in some schedules. */
static const char deadlock[] =
    HEAD "void *thread(void *arg)\n{\n    pthread_mutex_lock(&a);\n    pthread_mutex_lock(&b);\n"
         "    pthread_mutex_unlock(&b);\n    pthread_mutex_unlock(&a);\n    return arg;\n}\n" JOINED(
             "    pthread_mutex_lock(&b);\n    pthread_mutex_lock(&a);\n    pthread_mutex_unlock(&a);\n"
             "    pthread_mutex_unlock(&b);\n") END;
static const char race[] =
    HEAD "void *thread(void *arg)\n{\n    plain++;\n    return arg;\n}\n" JOINED("    plain++;\n") END;
static const char forks[] =
    HEAD "void *thread(void *arg)\n{\n    return arg;\n}\n" JOINED("    fork();\n") END;
static const char strange[] =
    HEAD "void *thread(void *arg)\n{\n    return arg;\n}\n" JOINED("    puts(\"\\a\");\n") END;
static const char silent[] = HEAD "void *thread(void *arg)\n{\n    return arg;\n}\n" JOINED("") END;
static const char lines[] =
    HEAD "void *thread(void *arg)\n{\n    return arg;\n}\n" JOINED("    puts(\"one\\n two \");\n") END;
static const char warns[] =
    HEAD "void *thread(void *arg)\n{\n    int unused;\n    return arg;\n}\n" JOINED("") END;

static struct build *build(struct stage *stage, const char *program, const char *answer)
{
    char *path = talloc_asprintf(stage, "%s/program.c", stage->root);
    struct submission *submission = submit(stage, answer);

    put(path, program, strlen(program));
    assert_non_null(submission);
    return build_submission(stage, stage->root, &stage->exercise, submission, &stage->err);
}

static struct run *run(struct stage *stage, const struct build *build)
{
    struct run *runs;
    struct run_options options = {0};
    size_t count;

    if (!build)
        fail_msg("%s", stage->err.text);
    assert_int_equal(run_checks(stage, build, &options, &runs, &count, &stage->err), 0);
    assert_int_equal(count, 2);
    if (runs->trouble)
        print_message("%s\n", runs->trouble);
    return runs;
}

static struct verdict *grade(struct stage *stage, const char *program, const char *answer)
{
    struct build *built = build(stage, program, answer);
    struct run *runs = run(stage, built);

    return judge_submission(stage, built, observe_runs(stage, built, runs, 2), 2);
}

/* "0, 1, 2" */
static char *outcomes(void *mem, const struct explore_report *report)
{
    char *text = talloc_strdup(mem, "");

    assert_non_null(report);
    for (size_t i = 0; i < report->output_count; i++)
        text = talloc_asprintf_append(text, "%s%s", i ? ", " : "", report->outputs[i].text);
    return text;
}

static void test_outcomes(void **state)
{
    struct stage *stage = *state;
    const struct explore_report *report = run(stage, build(stage, look, "0"))->explored;

    assert_non_null(report);
    assert_true(report->exhausted);
    assert_string_equal(outcomes(stage, report), "0, 2, 1"); /* by switches: none, one, two */
    assert_string_equal(outcomes(stage, run(stage, build(stage, looks, "0"))->explored),
                        "00, 02, 22, 01, 11, 12");
    assert_string_equal(outcomes(stage, run(stage, build(stage, silent, "0"))->explored), "(nothing)");
    assert_string_equal(outcomes(stage, run(stage, build(stage, lines, "0"))->explored), "one / two");
}

static void test_tokens(void **state)
{
    struct stage *stage = *state;
    struct build *built = build(stage, look, "0");
    const struct explore_report *report = run(stage, built)->explored;
    struct explore_report *again;

    for (size_t i = 0; i < report->output_count; i++) {
        assert_int_equal(
            run_replay(stage, built, "complete", "explore", report->outputs[i].token, &again, &stage->err),
            0);
        assert_int_equal(again->output_count, 1);
        assert_string_equal(outcome_written(stage, again->outputs[0].text), report->outputs[i].text);
        assert_true(again->step_count > 0);
    }
    built = build(stage, lines, "0");
    assert_int_equal(
        run_replay(stage, built, "complete", "explore", report->outputs[0].token, &again, &stage->err), -1);
}

/* The list is made once. The second time nothing is run: a program that cannot run any more is not missed. */
static void test_kept(void **state)
{
    struct stage *stage = *state;
    struct build *first = build(stage, look, "0"), *second;
    const struct explore_report *made = run(stage, first)->explored, *kept;

    assert_false(first->cached);
    second = build(stage, look, "1\n2");
    assert_true(second->cached);
    assert_int_equal(unlink(second->binaries[0].path), 0);
    kept = run(stage, second)->explored;
    assert_non_null(kept);
    assert_string_equal(outcomes(stage, kept), outcomes(stage, made));
    assert_int_equal(kept->run, made->run);
    for (size_t i = 0; i < made->output_count; i++)
        assert_string_equal(kept->outputs[i].token, made->outputs[i].token);
    second = build(stage, talloc_asprintf(stage, "%s\n/* changed */\n", look), "0");
    assert_false(second->cached);
    assert_string_not_equal(second->program_key, first->program_key);
}

/* --- verdicts --------------------------------------------------------------------------------------------
 */

static void test_verdicts(void **state)
{
    static const struct {
        const char *answer;
        unsigned score;
        const char *missing, *impossible; /* in the message of each check; NULL: it passes */
        int line;
    } cases[] = {
        {"0\n1\n2\n", 6, NULL, NULL, 0},
        {"# all\n\n 2 \n1\n0", 6, NULL, NULL, 0},
        {"0\n1\n", 3, "One of the 3 outcomes is missing: `2`;", NULL, 0},
        {"1\n", 3, "2 of the 3 outcomes are missing. One of them is `0`;", NULL, 0},
        {"0\n1\n3\n2\n", 3, NULL, "`3` (line 3) cannot happen", 3},
        {"# x\n(nothing)\n0\n-1\n1\n2\n", 3, NULL, "prints it, and 1 more line cannot either.", 2},
        {"nonsense\n", 0, "3 of the 3 outcomes are missing.", "`nonsense` (line 1) cannot happen", 1},
    };
    struct stage *stage = *state;

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const struct verdict *verdict = grade(stage, look, cases[i].answer);
        const struct check_verdict *complete = &verdict->checks[0], *possible = &verdict->checks[1];
        assert_int_equal(verdict->score, cases[i].score);
        assert_int_equal(verdict_exit(verdict), cases[i].score == 6 ? EXIT_GOOD : EXIT_BAD);
        assert_int_equal(complete->status, cases[i].missing ? VERDICT_FAIL : VERDICT_PASS);
        assert_int_equal(possible->status, cases[i].impossible ? VERDICT_FAIL : VERDICT_PASS);
        assert_null(possible->token);
        if (cases[i].missing) {
            assert_int_equal(complete->class, CLASS_WRONG_RESULT);
            assert_non_null(strstr(complete->message, cases[i].missing));
            assert_non_null(complete->token);
        }
        if (cases[i].impossible) {
            assert_int_equal(possible->class, CLASS_WRONG_RESULT);
            assert_non_null(strstr(possible->message, cases[i].impossible));
            assert_int_equal(possible->where[0].line, cases[i].line);
            assert_true(possible->where[0].learner);
        }
    }
}

static void test_doubles(void **state)
{
    const struct verdict *verdict = grade(*state, look, "0\n1\n2\n1\n");

    assert_int_equal(verdict->status, VERDICT_PASS);
    assert_int_equal(verdict->build->diagnostic_count, 1);
    assert_int_equal(verdict->build->diagnostics[0].severity, SEVERITY_WARNING);
    assert_int_equal(verdict->build->diagnostics[0].line, 4);
    assert_string_equal(verdict->build->diagnostics[0].text, "`1` stands in line 2 already; it counts once");
}

/* A program that has no defined outcomes, or not only them: nobody is judged by it. */
static void test_not_judged(void **state)
{
    static const struct {
        const char *program, *words;
    } cases[] = {
        {deadlock, "program.c of junior/01-x does not end well in "},
        {deadlock, "(deadlock)"},
        {race, "(race)"},
        {forks, "what the schedule explorer does not follow: fork"},
        {strange, "prints what a line of text cannot say"},
    };
    struct stage *stage = *state;

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const struct verdict *verdict = grade(stage, cases[i].program, "0\n");
        assert_int_equal(verdict_exit(verdict), EXIT_GRADER);
        assert_int_equal(verdict->score, 0);
        if (!strstr(verdict->message, cases[i].words))
            fail_msg("case %zu: %s", i, verdict->message);
    }
}

static void test_not_built(void **state)
{
    struct stage *stage = *state;

    assert_null(build(stage, warns, "0\n"));
    assert_int_equal(stage->err.status, EXIT_GRADER);
    assert_non_null(strstr(stage->err.text, "unused"));
    assert_non_null(build(stage, silent, "0\n"));
    unlink(talloc_asprintf(stage, "%s/program.c", stage->root));
    assert_null(build_submission(stage, stage->root, &stage->exercise, submit(stage, "0"), &stage->err));
    assert_int_equal(stage->err.status, EXIT_GRADER);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {TEST(test_written),  TEST(test_listed),  TEST(test_bad_answers),
                                       TEST(test_outcomes), TEST(test_tokens),  TEST(test_kept),
                                       TEST(test_verdicts), TEST(test_doubles), TEST(test_not_judged),
                                       TEST(test_not_built)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
