/* selftest.c - `deepend selftest`: grade the grader.
 *
 * For each exercise the starter must fail, the solution must pass with every point, and each known-wrong
 * answer must fail in exactly the checks, and with the class, that the manifest declares. One line a file as
 * it goes; nothing stops the run but an interrupt. With --times every file is graded again and again and must
 * get the same verdict each time.
 */
#include "cmd/arguments.h"
#include "cmd/grade.h"
#include "cmd/seeds.h"
#include "cmd/work.h"
#include "report/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <talloc.h>

enum { VERDICTS_KEPT = 8, TIMES_MOST = 100000, MARK_WIDTH = 5 };

/* What a file must get. */
enum expectation { EXPECT_FAIL, EXPECT_PASS, EXPECT_MUTANT };

struct file {
    const struct exercise *exercise;
    const char *path, *name; /* the name is relative to the exercise's folder */
    enum expectation expectation;
    const struct mutant *mutant;
};

/* The verdicts that one file got, and how often each. */
struct tally_of_verdicts {
    struct {
        char *text;
        unsigned times;
    } kept[VERDICTS_KEPT];
    size_t count;
};

enum outcome { OUTCOME_HOLDS, OUTCOME_WRONG, OUTCOME_NOT_JUDGED };

struct selftest {
    struct session *session;
    struct report_style style;
    int json;
    unsigned times;
    size_t seen[3]; /* files by outcome */
    json_t *rows;
};

/* --- verdicts in one line ---------------------------------------------------------------------------------
 */

/* True when LIST has NAME. */
static int has_name(char *const *list, size_t count, const char *name)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(list[i], name) == 0)
            return 1;
    return 0;
}

/* Append ", NAME" once for each check with a row of STATUS. */
static char *append_checks(char *text, const struct verdict *verdict, enum verdict_status status)
{
    const char *separator = " in ";

    for (size_t i = 0; i < verdict->check_count; i++) {
        const struct check_verdict *row = &verdict->checks[i];
        int before = 0;
        for (size_t j = 0; j < i; j++)
            before |= verdict->checks[j].status == status && strcmp(verdict->checks[j].name, row->name) == 0;
        if (row->status != status || before)
            continue;
        text = talloc_asprintf_append(text, "%s%s", separator, row->name);
        separator = ", ";
    }
    return text;
}

/* "pass 10/10", "race in own-number, tidy", "error in tidy": all that must be the same each time. */
static char *verdict_text(void *mem, const struct verdict *verdict)
{
    char *text;

    if (verdict->status == VERDICT_PASS)
        return talloc_asprintf(mem, "pass %u/%u", verdict->score, verdict->max_score);
    text = talloc_strdup(mem, "");
    if (verdict->status == VERDICT_FAIL)
        text = append_checks(talloc_strdup_append(text, class_name(verdict->class)), verdict, VERDICT_FAIL);
    for (size_t i = 0; i < verdict->check_count; i++)
        if (verdict->checks[i].status == VERDICT_ERROR)
            return append_checks(talloc_asprintf_append(text, "%serror", *text ? "; " : ""), verdict,
                                 VERDICT_ERROR);
    return *text ? text : talloc_strdup(mem, "error");
}

static char *expected_text(void *mem, const struct file *file)
{
    char *text;

    if (file->expectation == EXPECT_FAIL)
        return talloc_strdup(mem, "fail");
    if (file->expectation == EXPECT_PASS)
        return talloc_asprintf(mem, "pass %u/%u", exercise_max_score(file->exercise),
                               exercise_max_score(file->exercise));
    text = talloc_strdup(mem, class_name(file->mutant->class));
    for (size_t c = 0, named = 0; c < file->exercise->check_count;
         c++) /* in the manifest's order, as in the verdict */
        if (has_name(file->mutant->fails, file->mutant->fail_count, file->exercise->checks[c].name))
            text =
                talloc_asprintf_append(text, "%s%s", named++ ? ", " : " in ", file->exercise->checks[c].name);
    return text;
}

/* A starter may fail in any way but by not compiling: it is where people begin. */
static enum outcome assess(const struct file *file, const struct verdict *verdict, const char *expected,
                           const char *got)
{
    for (size_t i = 0; i < verdict->check_count; i++)
        if (verdict->checks[i].status == VERDICT_ERROR)
            return OUTCOME_NOT_JUDGED;
    if (verdict->status == VERDICT_ERROR)
        return OUTCOME_NOT_JUDGED;
    if (file->expectation != EXPECT_FAIL)
        return strcmp(expected, got) == 0 ? OUTCOME_HOLDS : OUTCOME_WRONG;
    return verdict->status == VERDICT_FAIL && verdict->build->status == BUILD_DONE ? OUTCOME_HOLDS
                                                                                   : OUTCOME_WRONG;
}

/* --- grading one file -------------------------------------------------------------------------------------
 */

static void tally_add_verdict(void *mem, struct tally_of_verdicts *tally, const char *text)
{
    size_t i = 0;

    while (i < tally->count && strcmp(tally->kept[i].text, text) != 0)
        i++;
    if (i == VERDICTS_KEPT)
        i--; /* so many that the last may stand for the rest */
    if (i == tally->count) {
        tally->kept[i].text = talloc_strdup(mem, text);
        tally->count++;
    }
    tally->kept[i].times++;
}

/* Why a row, or all of it, could not be judged. */
static const char *error_message(const struct verdict *verdict)
{
    for (size_t i = 0; i < verdict->check_count; i++)
        if (verdict->checks[i].status == VERDICT_ERROR)
            return verdict->checks[i].message;
    return verdict->message ? verdict->message : "";
}

/* Grade FILE once; what it got goes to TALLY. */
static enum outcome grade_once(const struct selftest *test, const struct file *file, const char *expected,
                               struct tally_of_verdicts *tally, void *mem)
{
    void *once = talloc_new(mem);
    struct verdict *verdict;
    struct grade_seconds seconds;
    struct error err = {0};
    enum outcome outcome = OUTCOME_NOT_JUDGED;

    if (grade_submission(once, test->session, file->exercise, file->path, NULL, &verdict, &seconds, &err) ==
        0) {
        const char *got = verdict_text(once, verdict);
        outcome = assess(file, verdict, expected, got);
        if (outcome == OUTCOME_NOT_JUDGED)
            got = talloc_asprintf(once, "%s: %s", got, error_message(verdict));
        tally_add_verdict(mem, tally, got);
    } else {
        tally_add_verdict(mem, tally, talloc_asprintf(once, "error: %s", err.text));
    }
    talloc_free(once);
    return outcome;
}

/* "race in own-number", or with more than one verdict "197 x race in own-number; 3 x pass 10/10". */
static char *distribution(void *mem, const struct tally_of_verdicts *tally)
{
    char *text = talloc_strdup(mem, tally->kept[0].text);

    if (tally->count == 1)
        return text;
    text = talloc_strdup(mem, "");
    for (size_t i = 0; i < tally->count; i++)
        text = talloc_asprintf_append(text, "%s%u x %s", i ? "; " : "", tally->kept[i].times,
                                      tally->kept[i].text);
    return text;
}

static void print_row(const struct selftest *test, const struct file *file, const char *expected,
                      const char *got, enum outcome outcome)
{
    static const char *const marks[] = {
        [OUTCOME_HOLDS] = "ok", [OUTCOME_WRONG] = "WRONG", [OUTCOME_NOT_JUDGED] = "?"};
    static const enum accent accents[] = {
        [OUTCOME_HOLDS] = ACCENT_GREEN, [OUTCOME_WRONG] = ACCENT_RED, [OUTCOME_NOT_JUDGED] = ACCENT_YELLOW};
    void *mem = talloc_new(NULL);
    const char *mark = text_paint(mem, &test->style, accents[outcome], marks[outcome]);

    printf("%s%s %-34s %-28s %s", mark, text_blanks(MARK_WIDTH - strlen(marks[outcome])), file->exercise->id,
           file->name, expected);
    if (outcome != OUTCOME_HOLDS || file->expectation == EXPECT_FAIL)
        printf(", got %s", text_clean(mem, got, test->style.utf8));
    putchar('\n');
    fflush(stdout);
    talloc_free(mem);
}

static void add_row(const struct selftest *test, const struct file *file, const char *expected,
                    const char *got, enum outcome outcome, const struct tally_of_verdicts *tally)
{
    static const char *const words[] = {
        [OUTCOME_HOLDS] = "ok", [OUTCOME_WRONG] = "wrong", [OUTCOME_NOT_JUDGED] = "error"};
    json_t *row = json_object(), *verdicts = json_object();
    char *valid = text_valid(NULL, got);

    json_object_set_new(row, "exercise", json_string(file->exercise->id));
    json_object_set_new(row, "file", json_string(file->name));
    json_object_set_new(row, "expected", json_string(expected));
    json_object_set_new(row, "got", json_string(valid));
    json_object_set_new(row, "outcome", json_string(words[outcome]));
    for (size_t i = 0; i < tally->count; i++)
        json_object_set_new(verdicts, tally->kept[i].text, json_integer(tally->kept[i].times));
    json_object_set_new(row, "verdicts", verdicts);
    json_array_append_new(test->rows, row);
    talloc_free(valid);
}

static void test_file(struct selftest *test, const struct file *file)
{
    void *mem = talloc_new(NULL);
    const char *expected = expected_text(mem, file);
    struct tally_of_verdicts tally = {0};
    enum outcome worst = OUTCOME_HOLDS;

    for (unsigned i = 0; i < test->times; i++) {
        enum outcome outcome = grade_once(test, file, expected, &tally, mem);
        if (outcome == OUTCOME_WRONG || worst == OUTCOME_HOLDS) /* wrong outweighs not judged */
            worst = outcome;
    }
    if (tally.count > 1 && worst == OUTCOME_HOLDS)
        worst = OUTCOME_WRONG; /* a starter that fails now in this way, now in that */
    test->seen[worst]++;
    if (test->json)
        add_row(test, file, expected, distribution(mem, &tally), worst, &tally);
    else
        print_row(test, file, expected, distribution(mem, &tally), worst);
    talloc_free(mem);
}

/* --- one exercise -----------------------------------------------------------------------------------------
 */

/* A check under a variant that does not exist would never be run. */
static void test_variants(struct selftest *test, const struct exercise *exercise)
{
    for (size_t c = 0; c < exercise->check_count; c++)
        for (size_t v = 0; v < exercise->checks[c].variant_count; v++) {
            const char *variant = exercise->checks[c].variants[v];
            if (variant_find(variant))
                continue;
            fprintf(stderr, "deepend: %s: check `%s` names the variant `%s`, which does not exist\n",
                    exercise->id, exercise->checks[c].name, variant);
            test->seen[OUTCOME_WRONG]++;
        }
}

static void test_exercise(struct selftest *test, const struct exercise *exercise)
{
    void *mem = talloc_new(NULL);
    const char *begun = exercise_part(mem, exercise, "starter");
    const char *solved = exercise_part(mem, exercise, "solution");
    struct file starter = {exercise, talloc_asprintf(mem, "%s/%s", exercise->directory, begun), begun,
                           EXPECT_FAIL, NULL};
    struct file solution = {exercise, talloc_asprintf(mem, "%s/%s", exercise->directory, solved), solved,
                            EXPECT_PASS, NULL};

    test_variants(test, exercise);
    if (!exercise->incident) /* what is shipped there stands among the wrong answers */
        test_file(test, &starter);
    test_file(test, &solution);
    for (size_t i = 0; i < exercise->mutant_count; i++) {
        const struct mutant *mutant = &exercise->mutants[i];
        const char *name = mutant->file + strlen(exercise->directory) + 1;
        test_file(test, &(struct file){exercise, mutant->file, name, EXPECT_MUTANT, mutant});
    }
    talloc_free(mem);
}

/* --- the verb ---------------------------------------------------------------------------------------------
 */

static enum exit_status conclude(const struct selftest *test)
{
    size_t total = test->seen[OUTCOME_HOLDS] + test->seen[OUTCOME_WRONG] + test->seen[OUTCOME_NOT_JUDGED];

    if (test->json) {
        json_t *result = json_object();
        json_object_set_new(result, "schema", json_string("deepend/selftest/1"));
        json_object_set_new(result, "rows", test->rows);
        json_object_set_new(result, "times", json_integer(test->times));
        json_object_set_new(result, "ok", json_integer((json_int_t)test->seen[OUTCOME_HOLDS]));
        json_object_set_new(result, "wrong", json_integer((json_int_t)test->seen[OUTCOME_WRONG]));
        json_object_set_new(result, "errors", json_integer((json_int_t)test->seen[OUTCOME_NOT_JUDGED]));
        grade_print_json(result);
    } else {
        printf("\n%zu of %zu as expected, %zu wrong, %zu could not be judged\n", test->seen[OUTCOME_HOLDS],
               total, test->seen[OUTCOME_WRONG], test->seen[OUTCOME_NOT_JUDGED]);
    }
    if (test->seen[OUTCOME_WRONG])
        return EXIT_BAD;
    return test->seen[OUTCOME_NOT_JUDGED] || total == 0 ? EXIT_GRADER : EXIT_GOOD;
}

static int parse_times(const char *option, const char *text, unsigned *times, struct error *err)
{
    char *end;
    long value;

    *times = 1;
    if (!text)
        return 0;
    value = strtol(text, &end, 10);
    if (end == text || *end || value < 1 || value > TIMES_MOST)
        return error_usage(err, "--%s takes a number from 1 to %d, not '%s'", option, TIMES_MOST, text);
    *times = (unsigned)value;
    return 0;
}

/* The K-th of N parts of what was chosen, dealt out in turn: they can run beside each other. */
static int take_part(const char *part, const struct exercise **chosen, size_t *count, struct error *err)
{
    unsigned k, n, kept = 0;
    char behind;

    if (!part)
        return 0;
    if (sscanf(part, "%u/%u%c", &k, &n, &behind) != 2 || k < 1 || k > n || n > TIMES_MOST)
        return error_usage(err, "--part takes K/N, such as 1/2, not '%s'", part);
    for (size_t i = k - 1; i < *count; i += n)
        chosen[kept++] = chosen[i];
    *count = kept;
    return 0;
}

/* The catalog that NAME is of: "incident 1" and "incidents/01-words" are incidents. */
static const struct catalog *catalog_for(struct session *session, const char **name, struct error *err)
{
    static const char prefix[] = "incident";

    if (strncmp(*name, prefix, strlen(prefix)) != 0)
        return session_catalog(session, err);
    const char *slash = strchr(*name, '/');
    *name = slash ? slash + 1 : *name;
    return session_incidents(session, err);
}

/* All exercises are known before the first is graded, the incidents behind them. NULL: err says which is not.
 */
static const struct exercise **choose(struct session *session, const struct arguments *given, size_t *count,
                                      size_t *left_out, struct error *err)
{
    const struct catalog *catalog = session_catalog(session, err);
    const struct catalog *incidents = catalog ? session_incidents(session, err) : NULL;
    const struct exercise **chosen;

    if (!catalog || !incidents)
        return NULL;
    if (given->count == 0)
        *left_out = catalog->faulty_count + incidents->faulty_count;
    *count = given->count > 0 ? (size_t)given->count : catalog->exercise_count + incidents->exercise_count;
    chosen = talloc_zero_array(session->mem, const struct exercise *, *count + 1);
    for (size_t i = 0; i < *count; i++) {
        const char *name = given->count > 0 ? given->operands[i] : NULL;
        const struct catalog *from = name ? catalog_for(session, &name, err) : NULL;
        if (name)
            chosen[i] = from ? catalog_find(from, name, err) : NULL;
        else
            chosen[i] = i < catalog->exercise_count ? catalog->exercises[i]
                                                    : incidents->exercises[i - catalog->exercise_count];
        if (!chosen[i])
            return NULL;
    }
    return chosen;
}

enum exit_status cmd_selftest(struct session *session, int argc, char **argv)
{
    struct selftest test = {.session = session, .style = output_style()};
    const char *times = NULL, *seeds = NULL, *part = NULL;
    unsigned seed_count;
    const struct option_rule options[] = {
        {"json", NULL, &test.json, NULL, "print the table as JSON"},
        {"times", "N", NULL, &times, "grade every file N times; one verdict is allowed"},
        {"part", "K/N", NULL, &part, "only every N-th exercise, from the K-th on"},
        {"seeds", "N", NULL, &seeds, "instead: let the schedule explorer try with N seeds each"},
        {0}};
    const struct usage usage = {
        "selftest [ID...]",
        "Grades the grader: every starter must fail, every solution pass, and every\n"
        "known-wrong answer fail in the checks and with the class it is known for.\n"
        "Exit status: 0 all hold, 1 some do not, 3 some could not be judged.\n",
        "selftest                      all exercises and incidents\nselftest junior/1 "
        "--times 50  one, for a steady verdict\nselftest incidents/1          an "
        "incident\n",
        options,
        0,
        -1};
    struct arguments given;
    struct error err = {0};
    size_t count = 0;

    if (!arguments_parse(&usage, argc, argv, &given))
        return given.status;
    if (parse_times("times", times, &test.times, &err) != 0 ||
        parse_times("seeds", seeds, &seed_count, &err) != 0)
        return cmd_error(&err);
    const struct exercise **exercises = choose(session, &given, &count, &test.seen[OUTCOME_NOT_JUDGED], &err);
    if (!exercises || take_part(part, exercises, &count, &err) != 0)
        return cmd_error(&err);
    if (seeds)
        return seeds_try(session, exercises, count, seed_count, &test.style);
    if (test.json)
        test.rows = json_array();
    else
        printf("%s %-34s %-28s %s\n", text_blanks(MARK_WIDTH), "exercise", "file", "expected");
    for (size_t i = 0; i < count; i++) {
        test_exercise(&test, exercises[i]);
        grade_tidy(session);
    }
    return conclude(&test);
}
