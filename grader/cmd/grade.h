/* grade.h - one grading, from a path to a verdict; shared by check, watch and selftest.
 *
 *     struct verdict *verdict;
 *     struct grade_seconds seconds;
 *     if (grade_submission(mem, session, exercise, path, &options, &verdict, &seconds, &err) != 0)
 *         return cmd_error(&err);          // nothing was judged
 *     grade_record(session, exercise, &result);
 *
 * Not reentrant: one grading at a time in a process, from the thread that owns the session.
 */
#ifndef DEEPEND_GRADE_H
#define DEEPEND_GRADE_H

#include "cmd/cmd.h"
#include "report/report.h"

/* Wall time of each stage. */
struct grade_seconds {
    double screen, build, run, observe, judge, report, total;
};

struct grade_options {
    void (*progress)(void *context, const char *text); /* "running 3 of 8: own-number (tsan)"; may be NULL */
    void *context;
};

/* Grade the file at PATH as an answer to EXERCISE. 0: *VERDICT is judged, or says what could not be. -1: bad
 * input (err->status EXIT_USAGE) or a grader that cannot work (EXIT_GRADER). Everything hangs on MEM.
 * `report` and `total` are left to the caller; OPTIONS may be NULL. */
int grade_submission(void *mem, struct session *session, const struct exercise *exercise, const char *path,
                     const struct grade_options *options, struct verdict **verdict,
                     struct grade_seconds *seconds, struct error *err);

/* What the store keeps of a verdict. Plain data. */
struct grade_result {
    enum verdict_status status;
    enum verdict_class class;
    unsigned score, max_score;
    char sha256[65];
    double seconds;
};
struct grade_result grade_result_of(const struct verdict *verdict, double seconds);

/* Record a judged attempt; a verdict of `error` is none. A store that fails is told on stderr, and that is
 * all. */
void grade_record(struct session *session, const struct exercise *exercise,
                  const struct grade_result *result);

/* Let go of builds that were not used lately. For when the verdict has been told: it may take a moment. */
void grade_tidy(const struct session *session);

/* True when both paths lead to one existing file. */
int grade_same_file(const char *a, const char *b);

/* Print RESULT on stdout and drop the reference. */
void grade_print_json(json_t *result);

#endif
