/* diagnostics.h - what the compiler or the screen has to say about a submission, collected and put in order.
 */
#ifndef DEEPEND_DIAGNOSTICS_H
#define DEEPEND_DIAGNOSTICS_H

#include "build/build.h"

enum { DIAGNOSTICS_SHOWN = 20 };

/* Grows on MEM. */
struct diagnostics {
    void *mem;
    const struct submission *submission;
    struct diagnostic *items;
    size_t count;
    size_t errors; /* among them */
};

void diagnostics_begin(struct diagnostics *list, void *mem, const struct submission *submission);

/* Add an error in the learner's file; LINE 0: in no particular line. */
void diagnostics_error(struct diagnostics *list, int line, int column, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* Add a warning about LINE of the learner's file. */
void diagnostics_warning(struct diagnostics *list, int line, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Add what clang printed (without carets and colour): errors, and those warnings that are about the learner's
 * file. */
void diagnostics_parse(struct diagnostics *list, const char *output);

/* Errors first, the learner's file first, then by line; each line of text once; at most DIAGNOSTICS_SHOWN. */
void diagnostics_finish(struct diagnostics *list);

#endif
