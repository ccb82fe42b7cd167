/* simulated.h - the service of an incident, run in virtual time. Private to run/. */
#ifndef DEEPEND_RUN_SIMULATED_H
#define DEEPEND_RUN_SIMULATED_H

#include "run/run.h"

/* RUNS are the checks of an incident: its program is run once for each variant among them, and each gets the
 * timeline of its own variant. Failures of the grader's are in the runs' `trouble`. */
void simulated_run(void *mem, const struct build *build, struct run *runs, size_t count,
                   const struct run_options *options);

#endif
