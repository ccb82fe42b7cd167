/* plan.c - Little's Law with the slowest hundredth in the place of the mean. */
#include "plan.h"

#include <math.h>

static unsigned smaller(unsigned a, unsigned b)
{
    return a < b ? a : b;
}

unsigned plan_workers(const struct workload *w)
{
    double slowest_ms = w->service_ms * (1 + 3.6 * sqrt(w->spread)); /* about the 99th percentile */
    double load = w->arrivals * slowest_ms / 1000;
    unsigned ceiling = smaller(w->memory_mb / w->worker_mb, w->connections / w->replicas);
    unsigned need = (unsigned)ceil(load);

    return need <= ceiling ? need : CANNOT_BE_MET;
}
