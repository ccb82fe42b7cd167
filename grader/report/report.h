/* report.h - a verdict as people and machines read it.
 *
 * Last stage. Each function renders one format to a stream; none decides anything.
 */
#ifndef DEEPEND_REPORT_H
#define DEEPEND_REPORT_H

#include "judge/judge.h"
#include <jansson.h>
#include <stdio.h>

struct report_style {
    int colour;          /* 0 or 1 */
    int width;           /* columns */
    int raw;             /* 1: the tools' own words as well */
    int utf8;            /* 0: ASCII only, for a locale without UTF-8 */
    const char *program; /* how it was called ("./deepend"), for the lines to type; NULL: "deepend" */
};

/* What STREAM deserves: colour on a terminal unless NO_COLOR is set or TERM is dumb; its width, 80 when
 * unknown; UTF-8 as the environment's locale says. */
struct report_style report_style_for(FILE *stream);

/* The verdict on a screenful. SECONDS is the wall time from start to verdict. */
void report_terminal(FILE *stream, const struct verdict *verdict, const struct report_style *style,
                     double seconds);

/* design.md 3.3, "deepend/result/1". The caller owns the reference. */
json_t *report_json(const struct verdict *verdict, double seconds);

/* Add the tools' own words to the checks of a report_json object, as "raw" (for --raw). */
void report_json_add_raw(json_t *result, const struct verdict *verdict);

/* The same schema for what was not judged at all: bad input or a grader that failed. ID may be NULL. */
json_t *report_json_error(const char *id, const char *message);

/* JUnit XML: failure for a fault of the learner's, error for one of the grader's. Control bytes are stripped.
 */
void report_junit(FILE *stream, const struct verdict *verdict, double seconds);

/* The same for what was not judged at all: one test case with an error. */
void report_junit_error(FILE *stream, const char *id, const char *message);

/* Markdown (CommonMark with tables) for the terminal, wrapped to style->width. */
void report_markdown(FILE *stream, const char *markdown, const struct report_style *style);

#endif
