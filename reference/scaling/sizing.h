/* sizing.h - how many workers: the arithmetic, from rates and times that somebody has measured.
 *
 *     struct pool_workload load = pool_workload_random(200, 0.100);      // 200 tasks/s that take 100 ms each
 *     pool_offered_load(&load);                                          // 20 busy on average (Little)
 *     pool_wait_mean(&load, 24);                                         // 0.0075 s in the queue
 *     unsigned need = pool_workers_for_wait(&load, 0.99, 0.050);         // 99 % wait at most 50 ms
 *     pool_size_choose(&(struct pool_size_limits){.need = need, .memory = 60, .downstream = 40,
 *                      .cpus = POOL_NO_LIMIT}, &choice);                 // need against ceiling (X07)
 *
 * Means go in, not percentiles: L = lambda W is a law about means (X06). A promise about the slowest tasks is
 * checked with pool_wait_percentile. Rates are tasks a second, times are seconds.
 *
 * Every function is pure: any thread, no lock, no memory, does not block. NAN answers a number that makes no
 * sense (negative, NAN, infinite, NULL); INFINITY is the wait of a system that never catches up. Where
 * theory stops: load that changes faster than the queue settles, service times that grow with the number of
 * workers, callers that try again. Then simulate.
 */
#ifndef DEEPEND_POOL_SIZING_H
#define DEEPEND_POOL_SIZING_H

#include "status.h"
#include <limits.h>

#ifdef __cplusplus
extern "C" {
#endif

/* --- laws ---------------------------------------------------------------------------------------------- */

/* The mean number inside any stable system: arrivals a second times mean seconds inside (J. D. C. Little,
 * "A Proof for the Queuing Formula L = lambda W", Operations Research 9(3), 1961). */
double pool_little(double rate, double seconds);

/* Erlang's B: the share of calls lost by SERVERS servers without a queue, offered LOAD erlangs. Erlang's C:
 * the share of tasks that wait before SERVERS servers with an unlimited queue; 1 from LOAD >= SERVERS on.
 * (A. K. Erlang, 1917.) By the recursion B(k) = A B(k-1) / (k + A B(k-1)), in which nothing is subtracted and
 * nothing grows, so it neither overflows nor cancels; O(SERVERS). */
double pool_erlang_b(unsigned servers, double load);
double pool_erlang_c(unsigned servers, double load);

/* --- a workload, and how long its tasks wait ----------------------------------------------------------- */

struct pool_workload {
    double rate;           /* tasks that arrive in a second, mean */
    double service;        /* seconds for which a task holds a worker, mean */
    double arrival_spread; /* variance / mean^2 of the time between arrivals: 1 at random, 0 like clockwork */
    double service_spread; /* the same of the service time: 1 exponential, 0 all alike, above 1 a few slow
                              ones */
};

/* Poisson arrivals, exponential service times: both spreads 1. The right start if nothing is measured. */
struct pool_workload pool_workload_random(double rate, double service);

/* Workers busy on average, in erlangs: rate x service. As many workers would be 100 % busy: unstable. */
double pool_offered_load(const struct pool_workload *load);

/* Seconds in the queue before WORKERS workers, first come first served: the mean, the share of tasks that
 * wait longer than SECONDS, and the time that SHARE (0 <= share < 1) of the tasks wait at most. Exact with
 * both spreads 1 (M/M/k). Otherwise the mean of M/M/k times (arrival_spread + service_spread) / 2, an
 * approximation (A. O. Allen, "Probability, Statistics, and Queueing Theory", 2nd ed. 1990, naming J.
 * Cunneen), exact for M/G/1; and the tail is taken as exponential with that mean: rough, and too short for
 * heavy tails. */
double pool_wait_mean(const struct pool_workload *load, unsigned workers);
double pool_wait_chance(const struct pool_workload *load, unsigned workers, double seconds);
double pool_wait_percentile(const struct pool_workload *load, unsigned workers, double share);

/* --- needs: lower bounds ------------------------------------------------------------------------------- */

enum { POOL_MOST_SIZED = 1000000 }; /* above this many workers the functions below give up */

/* The fewest workers with which SHARE of the tasks wait at most SECONDS. 0: no number does, or nonsense. */
unsigned pool_workers_for_wait(const struct pool_workload *load, double share, double seconds);

/* The offered load times MARGIN (>= 1), rounded up, and always more than the load itself. 0: nonsense. */
unsigned pool_workers_for_rate(const struct pool_workload *load, double margin);

/* Threads that keep CPUS processors busy to the share USED when a task computes for COMPUTE seconds and waits
 * for WAIT: cpus x used x (1 + wait / compute) (B. Goetz et al., "Java Concurrency in Practice", 2006,
 * section 8.2). An optimum for throughput, not a promise about waiting. INFINITY when nothing is computed. */
double pool_threads_for_mix(double cpus, double used, double wait, double compute);

/* Events in one write so that RATE events a second need no more than the share USED (0 < used <= 1) of WRITES
 * writes a second. With USED 1 the backlog never drains (X95). 0: nonsense. Only if the limit counts calls.
 */
unsigned pool_batch_for_rate(double rate, double writes, double used);

/* --- limits: upper bounds ------------------------------------------------------------------------------ */

#define POOL_NO_LIMIT UINT_MAX

/* Workers that fit into BUDGET bytes at EACH bytes (stack touched, buffers, connections). EACH 0:
 * POOL_NO_LIMIT. */
unsigned pool_workers_for_memory(unsigned long long budget, unsigned long long each);

enum pool_size_bound { POOL_BOUND_NEED, POOL_BOUND_MEMORY, POOL_BOUND_DOWNSTREAM, POOL_BOUND_CPUS };

struct pool_size_limits {
    unsigned need;       /* lower bound, all headroom included */
    unsigned memory;     /* upper bounds; 0 is "not one fits", so a forgotten field is noticed: */
    unsigned downstream; /* this replica's share of what the services behind allow */
    unsigned cpus;       /* POOL_NO_LIMIT unless the work is computing */
};

struct pool_size_choice {
    unsigned workers; /* need if it is met, else the ceiling */
    unsigned ceiling; /* the least upper bound */
    enum pool_size_bound
        bound; /* what decides `workers`: POOL_BOUND_NEED, or the limit that stands in the way */
};

/* Need first, headroom inside, then the smallest limit: nothing is added after it, for that would break the
 * limit (X07). POOL_OK; POOL_REJECTED: need > ceiling, this load cannot be met here, so shed, batch or buy;
 * POOL_INVALID: NULL or need 0. */
POOL_MUST_LOOK enum pool_status pool_size_choose(const struct pool_size_limits *limits,
                                                 struct pool_size_choice *choice);

#ifdef __cplusplus
}
#endif

#endif
