/* exploring.h - a line on stderr while schedules are explored, and Ctrl-C. Private to cmd/.
 *
 *     struct exploring exploring;
 *     exploring_begin(&exploring, &options);         // options.watch is set
 *     explore_run(..., &options, ...);
 *     if (exploring_end(&exploring)) ... it was cut short ...
 *
 * The line is written to a terminal only. The first Ctrl-C ends the exploration with what it has seen; the
 * next one ends the program as usual. Owner thread only; at most one at a time, as it keeps SIGINT.
 */
#ifndef DEEPEND_EXPLORING_H
#define DEEPEND_EXPLORING_H

#include "explore/explore.h"

#include <signal.h>

struct exploring {
    uint64_t most;  /* schedules that may be run */
    double seconds; /* that it may take, 0: no limit */
    int terminal, drawn, interrupted;
    double begun, last;
    int signals; /* signalfd; -1: Ctrl-C ends the program */
    sigset_t before;
};

void exploring_begin(struct exploring *exploring, struct explore_options *options);

/* Leaves an empty line and the signals as they were. 1: it was interrupted. */
int exploring_end(struct exploring *exploring);

#endif
