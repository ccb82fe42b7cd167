/* signals.c - the collector: counters that only grow, and a ring of what they were at the last samples.
 *
 * Workers add to counters; the sampler copies all of them and subtracts the copy from the window's beginning,
 * so it never resets anything that a worker writes, and nothing is lost between two samples. Counters wrap
 * around; unsigned subtraction still gives the right difference.
 *
 * A dwell falls into a bucket: below 8 ns one for each value, above it eight for each power of two.
 */
#include "signals.h"
#include <math.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

enum { STEPS = 8, STEP_BITS = 3, BUCKETS = (64 - STEP_BITS) * STEPS + STEPS };

/* What is known at one sample: totals since create. */
struct slice {
    uint64_t at;
    uint64_t failed;
    uint64_t dwell[BUCKETS]; /* their sum: the tasks that ended */
};

struct pool_collector {
    /* fixed after create */
    unsigned slices;
    double share;
    unsigned capacity;
    struct pool_clock clock;

    /* atomic; relaxed, since each is a count of its own and a sample may miss the newest */
    atomic_ullong failed;
    atomic_ullong dwell[BUCKETS];

    /* sampler's thread only */
    unsigned long long samples;
    struct pool_gauges *gauges; /* of the last `slices` samples */
    struct slice ring[];        /* of the last `slices` + 1: both ends of the window */
};

static int options_are_good(const struct pool_collector_options *options)
{
    return options && options->slices >= 1 && options->slices <= POOL_COLLECTOR_MOST_SLICES &&
           options->share >= 0 && options->share <= 1;
}

enum pool_status pool_collector_create(struct pool_collector **collector,
                                       const struct pool_collector_options *options)
{
    if (!collector)
        return POOL_INVALID;
    *collector = NULL;
    if (!options_are_good(options))
        return POOL_INVALID;
    size_t slices = options->slices;
    struct pool_collector *made =
        calloc(1, sizeof *made + (slices + 1) * sizeof made->ring[0] + slices * sizeof made->gauges[0]);
    if (!made)
        return POOL_NO_MEMORY;
    made->slices = options->slices;
    made->share = options->share;
    made->capacity = options->capacity;
    if (options->clock)
        made->clock = *options->clock;
    made->gauges = (struct pool_gauges *)(made->ring + slices + 1);
    made->ring[0].at =
        pool_clock_now(&made->clock); /* the window's beginning, until there are more samples */
    *collector = made;
    return POOL_OK;
}

void pool_collector_destroy(struct pool_collector *collector)
{
    free(collector);
}

/* --- buckets ------------------------------------------------------------------------------------------- */

static unsigned bucket_of(uint64_t dwell)
{
    if (dwell < STEPS)
        return (unsigned)dwell;
    unsigned top = 63 - (unsigned)__builtin_clzll(dwell);
    return (top - STEP_BITS + 1) * STEPS + (unsigned)(dwell >> (top - STEP_BITS) & (STEPS - 1));
}

/* The largest dwell that falls into BUCKET, in seconds. */
static double bucket_edge(unsigned bucket)
{
    if (bucket < STEPS)
        return bucket * 1e-9;
    int shift = (int)(bucket / STEPS) - 1;
    return (ldexp(STEPS + bucket % STEPS + 1, shift) - 1) * 1e-9;
}

void pool_collector_task(struct pool_collector *collector, uint64_t dwell, enum pool_task_result result)
{
    atomic_fetch_add_explicit(&collector->dwell[bucket_of(dwell)], 1, memory_order_relaxed);
    if (result == POOL_TASK_BAD)
        atomic_fetch_add_explicit(&collector->failed, 1, memory_order_relaxed);
}

/* --- sampling ------------------------------------------------------------------------------------------ */

/* Copy the counters. `failed` first: a task counts itself before its failure, so failures never exceed tasks
 * by much; the ratio is clamped for the rest. */
static void take_slice(struct pool_collector *collector, struct slice *slice)
{
    slice->at = pool_clock_now(&collector->clock);
    slice->failed = atomic_load_explicit(&collector->failed, memory_order_relaxed);
    for (unsigned i = 0; i < BUCKETS; i++)
        slice->dwell[i] = atomic_load_explicit(&collector->dwell[i], memory_order_relaxed);
}

static uint64_t tasks_between(const struct slice *from, const struct slice *to)
{
    uint64_t tasks = 0;
    for (unsigned i = 0; i < BUCKETS; i++)
        tasks += to->dwell[i] - from->dwell[i];
    return tasks;
}

static double dwell_between(const struct slice *from, const struct slice *to, uint64_t tasks, double share)
{
    double rank = fmax(1, ceil(share * (double)tasks)), seen = 0;

    for (unsigned i = 0; i < BUCKETS && tasks > 0; i++) {
        seen += (double)(to->dwell[i] - from->dwell[i]);
        if (seen >= rank)
            return bucket_edge(i);
    }
    return 0;
}

/* The means of the gauges over the samples in the window. */
static void sum_gauges(const struct pool_collector *collector, unsigned count, struct pool_sample *sample)
{
    double queued = 0, running = 0, workers = 0;

    for (unsigned i = 0; i < count; i++) {
        queued += collector->gauges[i].queued;
        running += collector->gauges[i].running;
        workers += collector->gauges[i].workers;
    }
    sample->value[POOL_SIGNAL_DEPTH] = queued / count;
    sample->value[POOL_SIGNAL_FILL] = collector->capacity ? fmin(1, queued / count / collector->capacity) : 0;
    sample->value[POOL_SIGNAL_DEMAND] = (queued + running) / count;
    sample->value[POOL_SIGNAL_UTILISATION] = workers > 0 ? fmin(1, running / workers) : 0;
    sample->value[POOL_SIGNAL_PRESSURE] = workers > 0 ? (queued + running) / workers : 0;
}

enum pool_status pool_collector_sample(struct pool_collector *collector, const struct pool_gauges *gauges,
                                       struct pool_sample *sample)
{
    if (!collector || !gauges || !sample)
        return POOL_INVALID;
    unsigned long long number = ++collector->samples;
    unsigned count = number < collector->slices ? (unsigned)number : collector->slices;
    struct slice *to = &collector->ring[number % (collector->slices + 1)];
    const struct slice *from = &collector->ring[(number - count) % (collector->slices + 1)];

    take_slice(collector, to);
    collector->gauges[(number - 1) % collector->slices] =
        *gauges; /* so the first `count` are always filled */
    uint64_t tasks = tasks_between(from, to), failed = to->failed - from->failed;
    double seconds = (double)(to->at - from->at) / (double)POOL_SECOND;

    *sample = (struct pool_sample){.at = to->at, .workers = gauges->workers};
    sum_gauges(collector, count, sample);
    sample->value[POOL_SIGNAL_DWELL] = dwell_between(from, to, tasks, collector->share);
    sample->value[POOL_SIGNAL_RATE] = seconds > 0 ? (double)tasks / seconds : 0;
    sample->value[POOL_SIGNAL_ERRORS] = tasks ? fmin(1, (double)failed / (double)tasks) : 0;
    return POOL_OK;
}
