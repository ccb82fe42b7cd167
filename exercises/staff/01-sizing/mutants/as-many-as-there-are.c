/* plan.c - plans the ceiling where the need is higher. */
#include "plan.h"

#include <math.h>

/* Erlang's C: the probability that a task has to wait at all. By way of Erlang's B, which has a recursion
 * that does not overflow. */
static double erlang_c(unsigned workers, double load)
{
    double b = 1;

    for (unsigned k = 1; k <= workers; k++)
        b = load * b / (k + load * b);
    return b * workers / (workers - load * (1 - b));
}

/* The share of tasks that wait longer than promised. */
static double late_share(const struct workload *w, unsigned workers)
{
    double load = w->arrivals * w->service_ms / 1000;
    double stretch = (1 + w->spread) / 2;

    return erlang_c(workers, load) * exp(-(workers - load) * w->wait_ms / (w->service_ms * stretch));
}

static unsigned smaller(unsigned a, unsigned b)
{
    return a < b ? a : b;
}

unsigned plan_workers(const struct workload *w)
{
    unsigned ceiling = smaller(w->memory_mb / w->worker_mb, w->connections / w->replicas);
    unsigned need = (unsigned)(w->arrivals * w->service_ms / 1000) + 1;

    while (need <= ceiling &&
           late_share(w, need) >
               0.008) /* a little below the promised hundredth: the formula is an estimate */
        need++;
    return need <= ceiling ? need : ceiling;
}
