/* test_judge.c - every way in which a row can be judged, and how rows add up.
 *
 * The rows come from hand-made runs and findings: judge is pure, so nothing else is needed.
 */
#include "judge/judge.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <talloc.h>
#include <cmocka.h>

enum { MOST = 4 };

/* --- one row -------------------------------------------------------------------------------------------- */

struct row_case {
    const char *name;
    struct run run;
    enum verdict_class found[MOST]; /* classes of the findings, in the tool's order */
    const char *trouble;
    enum verdict_class when_stuck;
    /* expected */
    enum verdict_status status;
    enum verdict_class class;
};

#define DONE    .end = RUN_EXITED, .completed = 1
#define CUT     .end = RUN_EXITED
#define SAID(c) .end = RUN_EXITED, .exit_code = 71, .failed = 1, .fail_class = c

#define PASSES        .status = VERDICT_PASS
#define FAILS(class_) .status = VERDICT_FAIL, .class = CLASS_##class_
#define ERRS          .status = VERDICT_ERROR

/* clang-format off: a table is read by its columns */
static const struct row_case row_cases[] = {
    {"completed and nothing found", {DONE}, PASSES},
    {"completed, a race found", {DONE}, {CLASS_RACE}, FAILS(RACE)},
    {"completed, a leak found", {DONE}, {CLASS_MEMORY_LEAK}, FAILS(MEMORY_LEAK)},
    {"the race explains the leak", {DONE}, {CLASS_MEMORY_LEAK, CLASS_RACE}, FAILS(RACE)},
    {"the race explains the bad memory", {DONE}, {CLASS_INVALID_MEMORY, CLASS_RACE}, FAILS(RACE)},
    {"completed, then killed by a signal", {DONE, .signal = 11}, FAILS(CRASH)},
    {"completed, threads left", {DONE, .leaked_threads = 2}, FAILS(THREAD_LEAK)},
    {"exit(0) in the middle", {CUT}, FAILS(TAMPERED)},
    {"exit(3) in the middle", {CUT, .exit_code = 3}, FAILS(TAMPERED)},
    {"killed by a signal", {CUT, .signal = 11}, FAILS(CRASH)},
    {"a report explains the signal", {CUT, .signal = 6}, {CLASS_INVALID_MEMORY}, FAILS(INVALID_MEMORY)},
    {"a race, then cut off", {CUT, .exit_code = 66}, {CLASS_RACE}, FAILS(RACE)},
    {"cut off: leaks say nothing", {CUT}, {CLASS_MEMORY_LEAK, CLASS_THREAD_LEAK}, FAILS(TAMPERED)},
    {"cut off after threads were counted",
     {CUT, .leaked_threads = 1},
     {CLASS_THREAD_LEAK},
     FAILS(THREAD_LEAK)},
    {"stuck, which means threads are left", {.end = RUN_STUCK}, {CLASS_THREAD_LEAK}, FAILS(THREAD_LEAK)},
    {"the check failed", {SAID(CLASS_WRONG_RESULT)}, FAILS(WRONG_RESULT)},
    {"the check failed without a class", {SAID(CLASS_NONE)}, FAILS(WRONG_RESULT)},
    {"the race explains what the check saw", {SAID(CLASS_WRONG_RESULT)}, {CLASS_RACE}, FAILS(RACE)},
    {"what the check saw explains overload", {SAID(CLASS_LOST_TASK)}, {CLASS_OVERLOAD}, FAILS(LOST_TASK)},
    {"a failed check leaks, of course", {SAID(CLASS_OVERLOAD)}, {CLASS_MEMORY_LEAK}, FAILS(OVERLOAD)},
    {"stuck", {.end = RUN_STUCK}, FAILS(DEADLOCK)},
    {"stuck, the manifest knows why",
     {.end = RUN_STUCK},
     .when_stuck = CLASS_LOST_WAKEUP,
     FAILS(LOST_WAKEUP)},
    {"stuck, a race was seen", {.end = RUN_STUCK}, {CLASS_RACE}, FAILS(RACE)},
    {"stuck after `done`", {.end = RUN_STUCK, .completed = 1}, FAILS(DEADLOCK)},
    {"slept too long", {.end = RUN_IDLE}, FAILS(TIMEOUT)},
    {"busy too long", {.end = RUN_BUSY}, FAILS(TIMEOUT)},
    {"busy too long, observe knows better", {.end = RUN_BUSY}, {CLASS_LIVELOCK}, FAILS(LIVELOCK)},
    {"too much memory", {.end = RUN_MEMORY}, FAILS(OVERLOAD)},
    {"too many threads", {.end = RUN_THREADS}, FAILS(OVERLOAD)},
    {"too much output", {.end = RUN_OUTPUT}, FAILS(OVERLOAD)},
    {"not started", {.end = RUN_NOT_STARTED, .trouble = "no namespaces"}, ERRS},
    {"not started, no reason told", {.end = RUN_NOT_STARTED}, ERRS},
    {"abandoned", {.end = RUN_ABANDONED, .trouble = "no processor"}, ERRS},
    {"abandoned, no reason told", {.end = RUN_ABANDONED}, ERRS},
    {"abandoned after a race", {.end = RUN_ABANDONED}, {CLASS_RACE}, FAILS(RACE)},
    {"the tool crashed", {CUT, .signal = 11}, .trouble = "it crashed", ERRS},
    {"the tool crashed, told as a crash", {CUT, .signal = 11}, {CLASS_CRASH}, .trouble = "it crashed", ERRS},
    {"the tool hung, told as a deadlock", {.end = RUN_STUCK}, {CLASS_DEADLOCK}, .trouble = "it hung", ERRS},
    {"a race, then the tool crashed",
     {CUT, .signal = 11},
     {CLASS_CRASH, CLASS_RACE},
     .trouble = "it crashed",
     FAILS(RACE)},
    {"the check failed, then the tool crashed",
     {SAID(CLASS_DEADLOCK)},
     .trouble = "it crashed",
     FAILS(DEADLOCK)},
    {"completed, but the tool could not write", {DONE}, .trouble = "its log is cut", ERRS},
};
/* clang-format on */

static char tsan_name[] = "tsan", memory_name[] = "memory";
static const struct variant variants[] = {{.name = tsan_name}, {.name = memory_name}};
static char *variant_names[] = {tsan_name, memory_name};

static struct exercise *exercise_make(void *mem, size_t checks, size_t variant_count)
{
    struct exercise *exercise = talloc_zero(mem, struct exercise);

    exercise->check_count = checks;
    exercise->checks = talloc_zero_array(mem, struct check_spec, checks);
    for (size_t c = 0; c < checks; c++) {
        exercise->checks[c].name = talloc_asprintf(mem, "check-%zu", c);
        exercise->checks[c].variants = variant_names;
        exercise->checks[c].variant_count = variant_count;
        exercise->checks[c].points = (unsigned)c + 2;
    }
    return exercise;
}

/* Observations for all rows of EXERCISE, each completed without a finding. */
static struct observation *observe_all(void *mem, const struct exercise *exercise, size_t *count)
{
    size_t per = exercise->checks[0].variant_count;
    struct observation *observations =
        talloc_zero_array(mem, struct observation, exercise->check_count * per);

    *count = exercise->check_count * per;
    for (size_t i = 0; i < *count; i++) {
        struct run *run = talloc_zero(mem, struct run);
        *run = (struct run){DONE, .check = &exercise->checks[i / per], .variant = &variants[i % per]};
        observations[i].run = run;
        observations[i].findings = talloc_zero_array(mem, struct finding, MOST);
    }
    return observations;
}

static void finding_add(struct observation *observation, enum verdict_class class, char *message)
{
    observation->findings[observation->finding_count++] =
        (struct finding){.class = class, .message = message, .times = 1};
}

static struct verdict *judge(void *mem, const struct exercise *exercise,
                             const struct observation *observations, size_t count)
{
    struct build *build = talloc_zero(mem, struct build);
    build->exercise = exercise;
    build->status = BUILD_DONE;
    return judge_submission(mem, build, observations, count);
}

static void row_is_judged(void **state)
{
    const struct row_case *row = *state;
    void *mem = talloc_new(NULL);
    struct exercise *exercise = exercise_make(mem, 1, 1);
    size_t count;
    struct observation *observations = observe_all(mem, exercise, &count);
    struct run run = row->run;

    exercise->checks[0].when_stuck = row->when_stuck;
    run.check = &exercise->checks[0];
    run.variant = &variants[0];
    observations[0].run = &run;
    observations[0].trouble = row->trouble ? talloc_strdup(mem, row->trouble) : NULL;
    for (size_t i = 0; i < MOST && row->found[i]; i++)
        finding_add(&observations[0], row->found[i], NULL);

    struct verdict *verdict = judge(mem, exercise, observations, 1);
    assert_int_equal(verdict->check_count, 1);
    assert_string_equal(status_name(verdict->checks[0].status), status_name(row->status));
    assert_string_equal(class_name(verdict->checks[0].class), class_name(row->class));
    assert_int_equal(verdict->status, row->status);
    assert_int_equal(verdict->class, row->class);
    assert_int_equal(verdict->score, row->status == VERDICT_PASS ? 2 : 0);
    assert_int_equal(verdict->max_score, 2);
    assert_int_equal(verdict->checks[0].message == NULL, row->status == VERDICT_PASS);
    if (row->trouble && row->status == VERDICT_ERROR)
        assert_string_equal(verdict->checks[0].message, row->trouble);
    talloc_free(mem);
}

/* --- which of several findings ----------------------------------------------------------------------------
 */

static struct place place_at(char *file, int line, int learner)
{
    return (struct place){.file = file, .line = line, .learner = learner};
}

/* Judge two races in both orders: the same must win. */
static void wins(struct finding winner, struct finding loser)
{
    for (int order = 0; order < 2; order++) {
        void *mem = talloc_new(NULL);
        struct exercise *exercise = exercise_make(mem, 1, 1);
        size_t count;
        struct observation *observations = observe_all(mem, exercise, &count);

        observations[0].findings[order] = winner;
        observations[0].findings[!order] = loser;
        observations[0].finding_count = 2;
        struct verdict *verdict = judge(mem, exercise, observations, 1);
        assert_string_equal(verdict->checks[0].message, winner.message);
        assert_string_equal(verdict->message, winner.message);
        assert_ptr_equal(verdict->checks[0].where, winner.where);
        assert_string_equal(verdict->checks[0].raw, winner.raw);
        talloc_free(mem);
    }
}

static void order_of_findings_does_not_matter(void **state)
{
    char tasks[] = "tasks.c", check[] = "check.c", yes[] = "winner", no[] = "loser", zero[] = "alpha";
    struct place here[] = {place_at(tasks, 9, 1), place_at(tasks, 14, 1)};
    struct place later[] = {place_at(tasks, 9, 1), place_at(tasks, 20, 1)};
    struct place foreign[] = {place_at(check, 2, 0)};
    struct finding first = {.class = CLASS_RACE, .message = yes, .where = here, .where_count = 2, .raw = yes};
    (void)state;

    wins(first,
         (struct finding){.class = CLASS_RACE, .message = no, .where = later, .where_count = 2, .raw = no});
    wins(first,
         (struct finding){.class = CLASS_RACE, .message = no, .where = foreign, .where_count = 1, .raw = no});
    wins(first, (struct finding){.class = CLASS_RACE, .message = no, .raw = no});
    wins(first,
         (struct finding){.class = CLASS_CRASH, .message = zero, .where = here, .where_count = 1, .raw = no});
    struct finding worded = {
        .class = CLASS_RACE, .message = zero, .where = here, .where_count = 2, .raw = zero};
    wins(worded, first);
}

static void a_failed_check_tells_its_place(void **state)
{
    void *mem = talloc_new(NULL);
    struct exercise *exercise = exercise_make(mem, 1, 1);
    size_t count;
    char file[] = "check.c", words[] = "task 3 saw another task's index";
    struct observation *observations = observe_all(mem, exercise, &count);
    struct run run = {SAID(CLASS_WRONG_RESULT), .fail_file = file, .fail_line = 31, .fail_message = words};
    (void)state;

    run.check = &exercise->checks[0];
    run.variant = &variants[0];
    observations[0].run = &run;
    struct verdict *verdict = judge(mem, exercise, observations, 1);
    assert_string_equal(verdict->checks[0].message, words);
    assert_int_equal(verdict->checks[0].where_count, 1);
    assert_string_equal(verdict->checks[0].where[0].file, "check.c");
    assert_int_equal(verdict->checks[0].where[0].line, 31);
    assert_int_equal(verdict->checks[0].where[0].learner, 0);
    talloc_free(mem);
}

/* --- how rows add up --------------------------------------------------------------------------------------
 */

static void all_pass(void **state)
{
    void *mem = talloc_new(NULL);
    struct exercise *exercise = exercise_make(mem, 3, 2);
    size_t count;
    struct observation *observations = observe_all(mem, exercise, &count);
    (void)state;

    struct verdict *verdict = judge(mem, exercise, observations, count);
    assert_int_equal(verdict->status, VERDICT_PASS);
    assert_int_equal(verdict->class, CLASS_NONE);
    assert_int_equal(verdict->score, 2 * (2 + 3 + 4));
    assert_int_equal(verdict->max_score, 2 * (2 + 3 + 4));
    assert_int_equal(verdict->check_count, 6);
    assert_null(verdict->message);
    assert_null(verdict_headline(verdict));
    assert_int_equal(verdict_exit(verdict), EXIT_GOOD);
    talloc_free(mem);
}

static void rows_stand_in_the_manifests_order(void **state)
{
    void *mem = talloc_new(NULL);
    struct exercise *exercise = exercise_make(mem, 2, 2);
    size_t count;
    struct observation *observations = observe_all(mem, exercise, &count);
    struct observation swapped[] = {observations[3], observations[0], observations[2], observations[1]};
    (void)state;

    struct verdict *verdict = judge(mem, exercise, swapped, count);
    assert_int_equal(verdict->status, VERDICT_PASS);
    for (size_t i = 0; i < count; i++) {
        assert_string_equal(verdict->checks[i].name, exercise->checks[i / 2].name);
        assert_string_equal(verdict->checks[i].variant, variant_names[i % 2]);
        assert_ptr_equal(verdict->checks[i].run, observations[i].run);
    }
    talloc_free(mem);
}

/* The smallest class of all rows leads; each failed row loses its own points only. */
static void the_strongest_class_leads(void **state)
{
    void *mem = talloc_new(NULL);
    struct exercise *exercise = exercise_make(mem, 3, 2);
    size_t count;
    struct observation *observations = observe_all(mem, exercise, &count);
    char leak[] = "leak", race[] = "race", named[] = "race, named";
    struct place place = place_at(named, 4, 1);
    (void)state;

    finding_add(&observations[0], CLASS_MEMORY_LEAK, leak);
    finding_add(&observations[2], CLASS_RACE, race);
    finding_add(&observations[5], CLASS_RACE, named);
    observations[5].findings[0].where = &place;
    observations[5].findings[0].where_count = 1;
    observations[4].trouble = race;

    struct verdict *verdict = judge(mem, exercise, observations, count);
    assert_int_equal(verdict->status, VERDICT_FAIL);
    assert_int_equal(verdict->class, CLASS_RACE);
    assert_int_equal(verdict->score, 2 + 3);
    assert_ptr_equal(verdict_headline(verdict), &verdict->checks[5]); /* it names the learner's line */
    assert_string_equal(verdict->message, "race, named");
    assert_int_equal(verdict_exit(verdict), EXIT_BAD);
    talloc_free(mem);
}

static void an_error_is_not_a_failure(void **state)
{
    void *mem = talloc_new(NULL);
    struct exercise *exercise = exercise_make(mem, 2, 1);
    size_t count;
    struct observation *observations = observe_all(mem, exercise, &count);
    char words[] = "the tool crashed";
    (void)state;

    observations[1].trouble = words;
    struct verdict *verdict = judge(mem, exercise, observations, count);
    assert_int_equal(verdict->status, VERDICT_ERROR);
    assert_int_equal(verdict->class, CLASS_NONE);
    assert_ptr_equal(verdict_headline(verdict), &verdict->checks[1]);
    assert_string_equal(verdict->message, words);
    assert_int_equal(verdict_exit(verdict), EXIT_GRADER);
    talloc_free(mem);
}

static void what_was_not_run_did_not_pass(void **state)
{
    void *mem = talloc_new(NULL);
    struct exercise *exercise = exercise_make(mem, 2, 2);
    size_t count;
    struct observation *observations = observe_all(mem, exercise, &count);
    (void)state;

    struct verdict *verdict = judge(mem, exercise, observations, count - 1);
    assert_int_equal(verdict->check_count, 4);
    assert_int_equal(verdict->status, VERDICT_ERROR);
    assert_int_equal(verdict->checks[3].status, VERDICT_ERROR);
    assert_non_null(verdict->checks[3].message);
    assert_null(verdict->checks[3].run);
    assert_int_equal(judge(mem, exercise, NULL, 0)->status, VERDICT_ERROR);

    exercise->check_count = 0;
    verdict = judge(mem, exercise, NULL, 0);
    assert_int_equal(verdict->status, VERDICT_ERROR);
    assert_non_null(verdict->message);
    talloc_free(mem);
}

/* --- builds ------------------------------------------------------------------------------------------------
 */

static const struct build_case {
    enum build_status status;
    int line, diagnostics;
    enum verdict_class class;
    const char *message;
} build_cases[] = {
    {BUILD_FAILED, 14, 1, CLASS_BUILD, "tasks.c, line 14: expected ';'"},
    {BUILD_FAILED, 0, 1, CLASS_BUILD, "expected ';'"},
    {BUILD_FAILED, 0, 0, CLASS_BUILD, "the program does not compile or link"},
    {BUILD_REFUSED, 14, 1, CLASS_FORBIDDEN, "tasks.c, line 14: expected ';'"},
};

static void builds_are_judged(void **state)
{
    void *mem = talloc_new(NULL);
    char file[] = "tasks.c", words[] = "expected ';'";
    (void)state;

    for (size_t i = 0; i < sizeof build_cases / sizeof *build_cases; i++) {
        const struct build_case *want = &build_cases[i];
        struct diagnostic diagnostic = {.file = file, .line = want->line, .text = words};
        struct build build = {.exercise = exercise_make(mem, 2, 1),
                              .status = want->status,
                              .diagnostics = &diagnostic,
                              .diagnostic_count = (size_t)want->diagnostics};
        struct verdict *verdict = judge_submission(mem, &build, NULL, 0);
        assert_int_equal(verdict->status, VERDICT_FAIL);
        assert_int_equal(verdict->class, want->class);
        assert_int_equal(verdict->check_count, 0);
        assert_int_equal(verdict->score, 0);
        assert_int_equal(verdict->max_score, 5);
        assert_string_equal(verdict->message, want->message);
        assert_null(verdict_headline(verdict));
        assert_int_equal(verdict_exit(verdict), EXIT_BAD);
    }
    talloc_free(mem);
}

int main(void)
{
    enum { ROWS = sizeof row_cases / sizeof *row_cases };
    struct CMUnitTest rows[ROWS];
    const struct CMUnitTest sums[] = {
        cmocka_unit_test(order_of_findings_does_not_matter),
        cmocka_unit_test(a_failed_check_tells_its_place),
        cmocka_unit_test(all_pass),
        cmocka_unit_test(rows_stand_in_the_manifests_order),
        cmocka_unit_test(the_strongest_class_leads),
        cmocka_unit_test(an_error_is_not_a_failure),
        cmocka_unit_test(what_was_not_run_did_not_pass),
        cmocka_unit_test(builds_are_judged),
    };

    for (size_t i = 0; i < ROWS; i++)
        rows[i] = (struct CMUnitTest){row_cases[i].name, row_is_judged, NULL, NULL, (void *)&row_cases[i]};
    return cmocka_run_group_tests_name("judge: one row", rows, NULL, NULL) +
           cmocka_run_group_tests_name("judge: the sum", sums, NULL, NULL);
}
