/* plan.c - how many workers a service needs. */
#include "plan.h"

#include <math.h>

static unsigned smaller(unsigned a, unsigned b)
{
    return a < b ? a : b;
}

unsigned plan_workers(const struct workload *w)
{
    double busy = w->arrivals * w->service_ms / 1000; /* Little's Law */
    unsigned need = (unsigned)ceil(busy);
    unsigned ceiling = smaller(w->memory_mb / w->worker_mb, w->connections);

    return (unsigned)ceil(smaller(need, ceiling) * 1.2); /* 20 % headroom */
}
