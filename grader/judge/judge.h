/* judge.h - from findings to a verdict. Pure: no files, no clock, no processes.
 *
 * Fifth stage. The same build and observations always give the same verdict. A verdict points into them: keep
 * them as long.
 */
#ifndef DEEPEND_JUDGE_H
#define DEEPEND_JUDGE_H

#include "observe/observe.h"

enum verdict_status { VERDICT_PASS, VERDICT_FAIL, VERDICT_ERROR };

/* "pass", "fail" or "error". */
const char *status_name(enum verdict_status status);

struct check_verdict {
    const char *name;
    const char *title;
    const char *variant;
    enum verdict_status status;
    enum verdict_class class; /* CLASS_NONE unless it failed */
    unsigned points, max_points;
    char *message; /* what happened; for an error, what the grader could not do */
    char *why;
    struct place *where;
    size_t where_count;
    char *raw;    /* the tool's words, or NULL */
    char *output; /* what the program printed, or NULL */
    char **notes;
    size_t note_count;
    const struct run *run;                 /* its stacks, times and sizes */
    const struct explore_report *explored; /* when the explorer drove it: how many schedules; else NULL */
    const char *token;                     /* of the failing schedule that MESSAGE tells of, or NULL */
};

struct verdict {
    const struct exercise *exercise;
    const struct submission *submission;
    const struct build *build;
    enum verdict_status status;
    enum verdict_class class; /* of the failing check that explains most, by the order of class.h */
    unsigned score, max_score;
    struct check_verdict *checks; /* empty when the build failed */
    size_t check_count;
    char *message; /* of a build that failed or was refused; else that of the headline check */
};

/* Judge. Never fails; what could not be judged is in the verdict as VERDICT_ERROR. */
struct verdict *judge_submission(void *mem, const struct build *build, const struct observation *observations,
                                 size_t observation_count);

/* The row that the report tells in full: of the failing ones the first with the verdict's class, preferring
 * one that names the learner's lines; else the first that could not be judged. NULL after a pass or a failed
 * build. */
const struct check_verdict *verdict_headline(const struct verdict *verdict);

/* The exit status that a verdict means. */
enum exit_status verdict_exit(const struct verdict *verdict);

#endif
