/* simulate.h - what a queue with a fixed number of workers does to a stream of tasks. */
#ifndef SIMULATE_H
#define SIMULATE_H

#include "plan.h"

struct outcome {
    double late;         /* share of the tasks that waited longer than the promise */
    double mean_wait_ms; /* over all tasks */
    double busy;         /* share of the workers' time spent working */
    int growing;         /* 1: the second half waited far longer than the first: the queue has no end */
};

/* Serve TASKS random tasks of WORKLOAD, first come first served, by WORKERS (at least 1). The same SEED gives
 * the same outcome. */
struct outcome simulate(const struct workload *workload, unsigned workers, unsigned tasks,
                        unsigned long long seed);

#endif
