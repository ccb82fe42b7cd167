/* plan.c - 70 % use for every pool, large or small. */
#include "plan.h"

#include <math.h>

static unsigned smaller(unsigned a, unsigned b)
{
    return a < b ? a : b;
}

unsigned plan_workers(const struct workload *w)
{
    double load = w->arrivals * w->service_ms / 1000;
    unsigned ceiling = smaller(w->memory_mb / w->worker_mb, w->connections / w->replicas);
    unsigned need = (unsigned)ceil(load / 0.7);

    return need <= ceiling ? need : CANNOT_BE_MET;
}
