/* explored.h - a check whose threads the schedule explorer drives. Private to run/. */
#ifndef DEEPEND_RUN_EXPLORED_H
#define DEEPEND_RUN_EXPLORED_H

#include "run/run.h"

/* Run one check of BUILD under its exploring variant: RUN->explored is the report, or RUN->trouble says why
 * there is none. Of OPTIONS count the seed and whether to make schedules short. Takes all processors. */
void explored_run(void *mem, const struct build *build, struct run *run, const struct run_options *options);

/* The schedule of TOKEN once more, of RUN's check under its variant. -1: see explore_replay. */
int explored_replay(void *mem, const struct build *build, const struct run *run, const char *token,
                    struct explore_report **report, struct error *err);

#endif
