/* explored.h - a check whose threads the schedule explorer drives. Private to run/. */
#ifndef DEEPEND_RUN_EXPLORED_H
#define DEEPEND_RUN_EXPLORED_H

#include "run/run.h"

/* Run one check under its exploring variant: RUN->explored is the report, or RUN->trouble says why there is
 * none. SEED of the first schedule. Takes all processors. */
void explored_run(void *mem, struct run *run, const struct limits *limits, uint64_t seed);

/* The same schedule of that check once more. -1: see explore_replay. HASH: of the program, for tokens. */
int explored_replay(void *mem, const char *binary, const struct variant *variant, const char *check,
                    const struct limits *limits, const char *token, struct explore_report **report,
                    struct error *err);

#endif
