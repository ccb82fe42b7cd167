/* show.h - an interleaving shown: on paper, in a terminal step by step, as a page.
 *
 *     struct show show = {.stream = stdout, .width = 100, .utf8 = 1};
 *     show_steps(&show, report, 0, report->step_count);
 *
 * One column a thread, so far as the width allows; with more threads one mark a thread. Owner thread only.
 */
#ifndef DEEPEND_EXPLORE_SHOW_H
#define DEEPEND_EXPLORE_SHOW_H

#include "explore/explore.h"
#include <stdio.h>

struct show {
    FILE *stream;
    int width;  /* columns of the terminal or the page */
    int colour; /* 1: escape sequences may be written */
    int utf8;   /* 1: other than ASCII may be */
};

/* The columns' heads. */
void show_head(const struct show *show, const struct explore_report *report);

/* Steps FROM up to TO, without TO. */
void show_steps(const struct show *show, const struct explore_report *report, size_t from, size_t to);

/* What the schedule came to, in lines: class, message, why, where, who waits, the decisive switch. */
void show_verdict(const struct show *show, const struct explore_report *report);

/* Keys in the terminal: forward, back, to the end. 0 when stdin or stdout is no terminal: nothing was shown
 * then. */
int show_stepping(const struct show *show, const struct explore_report *report);

/* The whole as one page that needs nothing else; TITLE names the program. -1 with errno when PATH cannot be
 * written. */
int show_html(const char *path, const char *title, const struct explore_report *report);

/* "main", "thread 2"; static until the next call. */
const char *show_thread(int thread);

/* What the step does, beside its source line: "has to wait: ...", "writes `counter`"; "" when the line says
 * it all. Static until the next call. */
const char *show_note(const struct explore_step *step);

#endif
