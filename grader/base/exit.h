/* exit.h - the exit status of every verb. */
#ifndef DEEPEND_EXIT_H
#define DEEPEND_EXIT_H

enum exit_status {
    EXIT_GOOD = 0,  /* judged, and good */
    EXIT_BAD = 1,   /* judged, and not good */
    EXIT_USAGE = 2, /* bad usage or bad input: nothing was judged */
    EXIT_GRADER = 3 /* the grader could not judge: a tool is missing, or a fault of its own */
};

#endif
