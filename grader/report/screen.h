/* screen.h - the parts of the terminal report, for report/ alone.
 *
 * terminal.c prints the frame (title, list of checks, what to do next); fault.c one fault in full; stacks.c
 * where threads stood; diagnostics.c the compiler's words. All print to one screen.
 */
#ifndef DEEPEND_SCREEN_H
#define DEEPEND_SCREEN_H

#include "report/text.h"

struct screen {
    void *mem; /* for texts in between; goes when the report is done */
    FILE *stream;
    const struct report_style *style;
    const struct verdict *verdict;
};

/* Print a line, wrapped, FIRST before it and REST before its further lines. */
void screen_say(const struct screen *screen, const char *first, const char *rest, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* TEXT, safe to print; text_clean for this screen. */
const char *screen_clean(const struct screen *screen, const char *text);

/* TEXT with an accent; text_paint for this screen. */
const char *screen_paint(const struct screen *screen, enum accent accent, const char *text);

/* TEXT, cut to COLUMNS with dots at its end. */
const char *screen_cut(const struct screen *screen, const char *text, size_t columns);

/* Print the first MOST lines of TEXT, indented and cut to the screen, and how many more there are. */
void screen_excerpt(const struct screen *screen, const char *text, size_t most);

/* True when A and B are most likely one fault: the same class, and a line of the learner's in common. Without
 * such lines, the same words. */
int fault_same(const struct check_verdict *a, const struct check_verdict *b);

/* One row's fault: what, where, why. */
void screen_fault(const struct screen *screen, const struct check_verdict *row);

/* Where the threads of ROW's run stood, one line each; nothing when that is not known or explains nothing. */
void screen_stacks(const struct screen *screen, const struct check_verdict *row);

/* At most MOST diagnostics of SEVERITY, with the learner's line and a caret. */
void screen_diagnostics(const struct screen *screen, enum severity severity, size_t most);

#endif
