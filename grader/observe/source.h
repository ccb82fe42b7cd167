/* source.h - what a single line of C reads and changes, as far as the line alone can tell.
 *
 *     source_line(mem, submission, 17)                    "for (int i = 0; i < 4; i++)"
 *     source_names(mem, line, SOURCE_CHANGES, names)      1: "i"
 *     source_argument(mem, line, "pthread_mutex_lock")    "pool->lock" of "pthread_mutex_lock(&pool->lock);"
 *
 * The tools give an address and a line; these give the words a learner would use for what lies there.
 * Conservative: a caller uses a name only when it is the sole candidate, so a line that is not understood
 * costs a name and nothing else. Pure functions on MEM.
 */
#ifndef DEEPEND_SOURCE_H
#define DEEPEND_SOURCE_H

#include "run/run.h"

enum source_access { SOURCE_READS, SOURCE_CHANGES };

enum { SOURCE_NAMES = 8 }; /* most names of one line */

/* Line NUMBER (from 1) without the white space around it, or NULL when there is none. */
char *source_line(void *mem, const struct submission *submission, int number);

/* The distinct objects that LINE may read, or changes, in their order. Returns how many; 0 also when the line
 * calls a function-like macro, has more than SOURCE_NAMES of them, or could not be understood. */
size_t source_names(void *mem, const char *line, enum source_access access, char *names[SOURCE_NAMES]);

/* The first argument of the only call of FUNCTION on LINE, without the `&`; NULL when there is none, or
 * several. */
char *source_argument(void *mem, const char *line, const char *function);

/* 1: both names end in the same member or variable, "pool->closed" and "p->closed". */
int source_same_member(const char *a, const char *b);

#endif
