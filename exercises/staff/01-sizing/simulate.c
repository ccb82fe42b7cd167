/* simulate.c - a queue, simulated task by task. See simulate.h.
 *
 * First come, first served: a task starts when it has arrived and the earliest free worker is free. So all
 * the state there is, is one time for each worker, kept in a heap. Service times are constant (spread 0),
 * exponential (1), a sum of two exponentials' halves (between) or a mixture of two exponentials with balanced
 * means (above 1). Random numbers: splitmix64 (Steele, Lea and Flood, 2014).
 */
#include "simulate.h"

#include <math.h>
#include <stdlib.h>

struct random {
    unsigned long long state;
};

/* Uniform in (0, 1). */
static double uniform(struct random *random)
{
    unsigned long long z = random->state += 0x9e3779b97f4a7c15ULL;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ULL;
    z = (z ^ z >> 27) * 0x94d049bb133111ebULL;
    return ((double)((z ^ z >> 31) >> 11) + 0.5) / 9007199254740992.0;
}

static double exponential(struct random *random, double mean)
{
    return -mean * log(uniform(random));
}

/* A service time with the wanted mean and spread. */
static double service(struct random *random, double mean, double spread)
{
    if (spread <= 0)
        return mean;
    if (spread <= 1) { /* a constant part and an exponential one: variance is that of the second alone */
        double random_part = mean * sqrt(spread);
        return mean - random_part + exponential(random, random_part);
    }
    double often = (1 + sqrt((spread - 1) / (spread + 1))) / 2;
    double share = uniform(random) < often ? often : 1 - often;
    return exponential(random, mean / (2 * share));
}

/* Let the root of a heap of COUNT times sink to its place. */
static void heap_sink(double *heap, unsigned count)
{
    unsigned at = 0, child;

    while ((child = 2 * at + 1) < count) {
        if (child + 1 < count && heap[child + 1] < heap[child])
            child++;
        if (heap[at] <= heap[child])
            return;
        double swap = heap[at];
        heap[at] = heap[child];
        heap[child] = swap;
        at = child;
    }
}

struct outcome simulate(const struct workload *workload, unsigned workers, unsigned tasks,
                        unsigned long long seed)
{
    struct random random = {seed};
    double *free_at = calloc(workers, sizeof *free_at); /* a heap: the earliest first */
    double now = 0, waited = 0, first_half = 0, worked = 0;
    unsigned late = 0;

    for (unsigned i = 0; free_at && i < tasks; i++) {
        now += exponential(&random, 1000 / workload->arrivals);
        double start = free_at[0] > now ? free_at[0] : now;
        double length = service(&random, workload->service_ms, workload->spread);
        free_at[0] = start + length;
        heap_sink(free_at, workers);
        waited += start - now;
        worked += length;
        late += start - now > workload->wait_ms;
        if (i == tasks / 2)
            first_half = waited;
    }
    free(free_at);
    return (struct outcome){
        .late = (double)late / tasks,
        .mean_wait_ms = waited / tasks,
        .busy = worked / (now * workers),
        .growing = waited - first_half > 2.5 * first_half && waited / tasks > 5 * workload->service_ms,
    };
}
