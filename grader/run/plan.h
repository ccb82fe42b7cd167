/* plan.h - which checks are run, under which variants. Private to run/. */
#ifndef DEEPEND_RUN_PLAN_H
#define DEEPEND_RUN_PLAN_H

#include "run/run.h"

/* The list of runs on MEM, in the manifest's order, none started. -1 (error_grader): a variant is not there.
 */
int plan_runs(void *mem, const struct build *build, const struct run_options *options, struct run **runs,
              size_t *count, struct error *err);

#endif
