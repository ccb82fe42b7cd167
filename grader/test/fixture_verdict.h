/* fixture_verdict.h - hand-made verdicts for the tests of report/: the shapes that graders meet, without
 * building or running. */
#ifndef DEEPEND_FIXTURE_VERDICT_H
#define DEEPEND_FIXTURE_VERDICT_H

#include "judge/judge.h"

#include <string.h>
#include <talloc.h>

/* A verdict on junior/01-captured-variable with three checks: two rows of the first, one of the others. All
 * pass. */
static inline struct verdict *fixture_pass(void *mem)
{
    static const char *const names[][3] = {
        {"own-number", "every thread prints its own ticket", "tsan"},
        {"own-number", "every thread prints its own ticket", "native"},
        {"together", "all threads are there at the same time", "native"},
        {"tidy", "no argument is used after its life, none is left behind", "memory"},
    };
    struct verdict *verdict = talloc_zero(mem, struct verdict);
    struct exercise *exercise = talloc_zero(mem, struct exercise);
    struct submission *submission = talloc_zero(mem, struct submission);
    struct build *build = talloc_zero(mem, struct build);

    exercise->id = talloc_strdup(mem, "junior/01-captured-variable");
    exercise->title = talloc_strdup(mem, "The captured variable");
    exercise->lesson = talloc_strdup(mem, "01-task-arguments");
    exercise->file = talloc_strdup(mem, "tasks.c");
    submission->name = exercise->file;
    submission->text =
        talloc_strdup(mem, "int a;\n\n\tfor (int i = 0; i < n; i++)\n        use(*(int *)arg);\n");
    strcpy(submission->sha256, "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef");
    build->compiler = talloc_strdup(mem, "14.0.6");
    build->exercise = exercise;
    build->submission = submission;
    verdict->exercise = exercise;
    verdict->submission = submission;
    verdict->build = build;
    verdict->status = VERDICT_PASS;
    verdict->score = verdict->max_score = 10;
    verdict->check_count = sizeof names / sizeof *names;
    verdict->checks = talloc_zero_array(mem, struct check_verdict, verdict->check_count);
    for (size_t i = 0; i < verdict->check_count; i++)
        verdict->checks[i] = (struct check_verdict){.name = names[i][0],
                                                    .title = names[i][1],
                                                    .variant = names[i][2],
                                                    .status = VERDICT_PASS,
                                                    .points = 2 + (i >= 2),
                                                    .max_points = 2 + (i >= 2),
                                                    .run = talloc_zero(mem, struct run)};
    return verdict;
}

/* Let row ROW fail with CLASS; the verdict's sums are adapted. */
static inline struct check_verdict *fixture_fail(struct verdict *verdict, size_t row,
                                                 enum verdict_class class, const char *message)
{
    struct check_verdict *check = &verdict->checks[row];

    verdict->score -= check->points;
    check->points = 0;
    check->status = verdict->status = VERDICT_FAIL;
    check->class = class;
    check->message = talloc_strdup(verdict, message);
    if (!verdict->class || class < verdict->class) {
        verdict->class = class;
        verdict->message = check->message;
    }
    return check;
}

/* Add a place; a SOURCE of NULL leaves the report to find the line itself. */
static inline void fixture_place(struct verdict *verdict, struct check_verdict *row, const char *file,
                                 int line, const char *what, const char *source)
{
    row->where = talloc_realloc(verdict, row->where, struct place, row->where_count + 1);
    row->where[row->where_count++] = (struct place){.file = talloc_strdup(verdict, file),
                                                    .line = line,
                                                    .what = talloc_strdup(verdict, what),
                                                    .source = source ? talloc_strdup(verdict, source) : NULL,
                                                    .learner = strcmp(file, verdict->exercise->file) == 0};
}

/* The race of the captured variable, in row ROW. */
static inline struct check_verdict *fixture_race(struct verdict *verdict, size_t row)
{
    struct check_verdict *check = fixture_fail(
        verdict, row, CLASS_RACE, "the main thread writes `i` in line 3 while thread 2 reads it in line 4");

    fixture_place(verdict, check, "tasks.c", 3, "the main thread writes `i`", NULL);
    fixture_place(verdict, check, "tasks.c", 4, "thread 2 reads `i`", NULL);
    check->why = talloc_strdup(
        verdict, "Every thread has the address of the same variable, and the loop goes on without "
                 "waiting for them.");
    check->raw = talloc_strdup(verdict, "WARNING: ThreadSanitizer: data race (pid=7)\n  Write of size 4");
    return check;
}

static inline struct check_verdict *fixture_trouble(struct verdict *verdict, size_t row, const char *message)
{
    struct check_verdict *check = &verdict->checks[row];

    verdict->score -= check->points;
    check->points = 0;
    check->status = VERDICT_ERROR;
    check->message = talloc_strdup(verdict, message);
    if (verdict->status == VERDICT_PASS) {
        verdict->status = VERDICT_ERROR;
        verdict->message = check->message;
    }
    return check;
}

/* A build that failed with COUNT errors, each in a line of its own. */
static inline struct verdict *fixture_build(void *mem, enum build_status status, size_t count)
{
    struct verdict *verdict = fixture_pass(mem);
    struct build *build = talloc_zero(mem, struct build);

    build->status = status;
    build->diagnostic_count = count;
    build->diagnostics = talloc_zero_array(mem, struct diagnostic, count);
    for (size_t i = 0; i < count; i++)
        build->diagnostics[i] =
            (struct diagnostic){.file = talloc_strdup(mem, "tasks.c"),
                                .line = (int)i + 3,
                                .column = 9,
                                .severity = SEVERITY_ERROR,
                                .text = talloc_asprintf(mem, "expected ';' after expression %zu", i),
                                .source = talloc_strdup(mem, "    i++ }")};
    verdict->build = build;
    verdict->checks = NULL;
    verdict->check_count = 0;
    verdict->status = VERDICT_FAIL;
    verdict->class = status == BUILD_FAILED ? CLASS_BUILD : CLASS_FORBIDDEN;
    verdict->score = 0;
    verdict->message = talloc_strdup(mem, "tasks.c, line 3: expected ';' after expression 0");
    return verdict;
}

#endif
