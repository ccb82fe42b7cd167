/* sizing.c - the arithmetic of sizing.h. Plain formulas; nothing here measures or decides.
 *
 * Sums that are whole numbers on paper come out a little above in binary (200 x 0.1 x 1.2), so rounding up
 * first gives back one part in 10^9.
 */
#include "sizing.h"
#include <math.h>
#include <stddef.h>

static int is_amount(double value)
{
    return isfinite(value) && value >= 0;
}

static int is_workload(const struct pool_workload *load)
{
    return load && is_amount(load->rate) && is_amount(load->service) && is_amount(load->arrival_spread) &&
           is_amount(load->service_spread);
}

/* X rounded up to a count, 0 if that is no count that we answer with. */
static unsigned count_above(double x)
{
    double count = ceil(x - x * 1e-9);
    return count >= 1 && count <= POOL_MOST_SIZED ? (unsigned)count : 0;
}

/* --- laws ---------------------------------------------------------------------------------------------- */

double pool_little(double rate, double seconds)
{
    return is_amount(rate) && is_amount(seconds) ? rate * seconds : NAN;
}

static double next_b(double b, unsigned servers, double load)
{
    return load * b / (servers + load * b);
}

double pool_erlang_b(unsigned servers, double load)
{
    double b = 1;

    if (!is_amount(load))
        return NAN;
    for (unsigned k = 1; k <= servers; k++)
        b = next_b(b, k, load);
    return b;
}

/* C = B / (1 - u (1 - B)) with u = load / servers. */
static double c_from_b(double b, unsigned servers, double load)
{
    return load < servers ? b / (1 - load / servers * (1 - b)) : 1;
}

double pool_erlang_c(unsigned servers, double load)
{
    return is_amount(load) ? c_from_b(pool_erlang_b(servers, load), servers, load) : NAN;
}

/* --- waiting ------------------------------------------------------------------------------------------- */

struct pool_workload pool_workload_random(double rate, double service)
{
    return (struct pool_workload){.rate = rate, .service = service, .arrival_spread = 1, .service_spread = 1};
}

double pool_offered_load(const struct pool_workload *load)
{
    return is_workload(load) ? pool_little(load->rate, load->service) : NAN;
}

/* A wait is 0 with probability 1 - chance, and else exponential with mean `length`. */
struct wait {
    double chance, length;
};

static struct wait wait_given(const struct pool_workload *load, unsigned workers, double chance)
{
    double busy = load->rate * load->service;
    double variance = (load->arrival_spread + load->service_spread) / 2;

    if (busy == 0)
        return (struct wait){0, 0};
    if (busy >= workers)
        return (struct wait){1, INFINITY};
    return (struct wait){chance, variance * load->service / (workers - busy)};
}

static struct wait wait_of(const struct pool_workload *load, unsigned workers)
{
    return wait_given(load, workers, pool_erlang_c(workers, load->rate * load->service));
}

static double wait_at(struct wait wait, double share)
{
    double late = 1 - share;

    if (isinf(wait.length))
        return INFINITY;
    return wait.chance <= late ? 0 : wait.length * log(wait.chance / late);
}

double pool_wait_mean(const struct pool_workload *load, unsigned workers)
{
    if (!is_workload(load))
        return NAN;
    struct wait wait = wait_of(load, workers);
    return wait.chance * wait.length;
}

double pool_wait_chance(const struct pool_workload *load, unsigned workers, double seconds)
{
    if (!is_workload(load) || !is_amount(seconds))
        return NAN;
    struct wait wait = wait_of(load, workers);
    return wait.length == 0 ? 0 : wait.chance * exp(-seconds / wait.length);
}

static int is_share(double share)
{
    return is_amount(share) && share < 1;
}

double pool_wait_percentile(const struct pool_workload *load, unsigned workers, double share)
{
    return is_workload(load) && is_share(share) ? wait_at(wait_of(load, workers), share) : NAN;
}

/* --- needs --------------------------------------------------------------------------------------------- */

unsigned pool_workers_for_wait(const struct pool_workload *load, double share, double seconds)
{
    double busy = pool_offered_load(load), b = 1;

    if (!is_amount(busy) || !is_share(share) || !is_amount(seconds))
        return 0;
    for (unsigned k = 1; k <= POOL_MOST_SIZED; k++) {
        b = next_b(b, k, busy);
        if (busy < k && wait_at(wait_given(load, k, c_from_b(b, k, busy)), share) <= seconds)
            return k;
    }
    return 0;
}

unsigned pool_workers_for_rate(const struct pool_workload *load, double margin)
{
    double busy = pool_offered_load(load);

    if (!is_amount(busy) || !is_amount(margin) || margin < 1)
        return 0;
    double least = floor(busy + busy * 1e-9) + 1, wished = busy * margin;
    return count_above(wished > least ? wished : least);
}

double pool_threads_for_mix(double cpus, double used, double wait, double compute)
{
    if (!is_amount(cpus) || !is_amount(used) || used > 1 || !is_amount(wait) || !is_amount(compute))
        return NAN;
    return compute == 0 ? INFINITY : cpus * used * (1 + wait / compute);
}

unsigned pool_batch_for_rate(double rate, double writes, double used)
{
    if (!is_amount(rate) || !is_amount(writes) || !is_amount(used) || used > 1)
        return 0;
    double batch = rate / (writes * used);
    return batch < 1 ? 1 : count_above(batch);
}

/* --- limits -------------------------------------------------------------------------------------------- */

unsigned pool_workers_for_memory(unsigned long long budget, unsigned long long each)
{
    return each == 0 || budget / each >= POOL_NO_LIMIT ? POOL_NO_LIMIT : (unsigned)(budget / each);
}

enum pool_status pool_size_choose(const struct pool_size_limits *limits, struct pool_size_choice *choice)
{
    if (!limits || !choice || limits->need == 0)
        return POOL_INVALID;
    const unsigned bounds[] = {[POOL_BOUND_NEED] = POOL_NO_LIMIT,
                               [POOL_BOUND_MEMORY] = limits->memory,
                               [POOL_BOUND_DOWNSTREAM] = limits->downstream,
                               [POOL_BOUND_CPUS] = limits->cpus};
    enum pool_size_bound least = POOL_BOUND_NEED;
    for (unsigned i = 0; i < sizeof bounds / sizeof bounds[0]; i++)
        if (bounds[i] < bounds[least])
            least = (enum pool_size_bound)i;
    int met = limits->need <= bounds[least];
    *choice = (struct pool_size_choice){.workers = met ? limits->need : bounds[least],
                                        .ceiling = bounds[least],
                                        .bound = met ? POOL_BOUND_NEED : least};
    return met ? POOL_OK : POOL_REJECTED;
}
