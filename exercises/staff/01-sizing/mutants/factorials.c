/* plan.c - Erlang's C by powers and factorials, as in the textbook. */
#include "plan.h"

#include <math.h>

/* The probability that a task has to wait at all: Erlang's C, term by term. */
static double erlang_c(unsigned workers, double load)
{
    double sum = 0, last = pow(load, workers) / tgamma(workers + 1.0) * workers / (workers - load);

    for (unsigned k = 0; k < workers; k++)
        sum += pow(load, k) / tgamma(k + 1.0);
    return last / (sum + last);
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
    return need <= ceiling ? need : CANNOT_BE_MET;
}
