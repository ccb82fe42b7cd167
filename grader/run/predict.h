/* predict.h - all that the program of a prediction can print. Private to run/. */
#ifndef DEEPEND_RUN_PREDICT_H
#define DEEPEND_RUN_PREDICT_H

#include "run/run.h"

/* Complete COUNT runs, the checks of one prediction: each gets the same list of outcomes as `explored`, the
 * simplest first, or `trouble`, when it could not be made whole. MEM keeps it. */
void predict_run(void *mem, const struct build *build, struct run *runs, size_t count);

/* The schedule of an outcome's TOKEN once more. -1: see explore_replay. */
int predict_replay(void *mem, const struct build *build, const char *token, struct explore_report **report,
                   struct error *err);

#endif
