/* histogram.h - how long, how many: observations counted into fixed buckets, and percentiles with their
 * error.
 *
 *     struct pool_series series = {.name = "job_seconds", .help = "Time of a job."};
 *     if (pool_metrics_histogram(metrics, &series, &pool_buckets_seconds, &seconds) != POOL_OK) ...
 *     pool_histogram_observe(seconds, worker, 0.0031);
 *     pool_histogram_snapshot(seconds, &snapshot);
 *     if (pool_histogram_quantile(&snapshot, 0.99, &p99) == POOL_OK)
 *         printf("%g, surely from %g to %g", p99.value, p99.low, p99.high);
 *
 * Bucket i counts what is above bound i-1 and at most bound i (`le`, as Prometheus has it); what is above the
 * last bound goes into one more, +Inf. Sharded like the counters of metrics.h, with the same promises. Beyond
 * those: a snapshot's sum, least and greatest cover everything that it counts, and perhaps a few observations
 * that it does not count yet. The first thread that names a shard, in any histogram of the registry, has it to
 * itself, as long as there is a thread of that id, and is faster there than others. Not from a signal handler.
 */
#ifndef DEEPEND_POOL_HISTOGRAM_H
#define DEEPEND_POOL_HISTOGRAM_H

#include "metrics.h"

#ifdef __cplusplus
extern "C" {
#endif

struct pool_histogram;

enum { POOL_MAX_BUCKETS = 64 };

/* Upper bounds, finite and strictly ascending, without +Inf. */
struct pool_buckets {
    size_t count; /* 1 to POOL_MAX_BUCKETS */
    double bounds[POOL_MAX_BUCKETS];
};

extern const struct pool_buckets pool_buckets_seconds; /* 1 us to 10 s, three a decade: 1, 2.5, 5 */
extern const struct pool_buckets pool_buckets_fanout;  /* 1 to 100,000, three a decade: 1, 3, 5 (U30) */

/* COUNT bounds: FIRST, FIRST * FACTOR, ... POOL_INVALID unless FIRST > 0, FACTOR > 1 and all are finite. */
POOL_MUST_LOOK enum pool_status pool_buckets_exponential(struct pool_buckets *buckets, double first,
                                                         double factor, size_t count);

/* Register a histogram, or find it: as pool_metrics_counter. POOL_INVALID also for bad bounds, and for other
 * bounds than those it was registered with. The bounds are copied. */
POOL_MUST_LOOK enum pool_status pool_metrics_histogram(struct pool_metrics *metrics,
                                                       const struct pool_series *series,
                                                       const struct pool_buckets *buckets,
                                                       struct pool_histogram **histogram);

/* Count VALUE. Never blocks. POOL_INVALID, and nothing counted: VALUE is not finite, since one of those would
 * spoil the sum for ever. A NULL histogram is switched off: POOL_OK. */
enum pool_status pool_histogram_observe(struct pool_histogram *histogram, unsigned shard, double value);

/* Plain data: what was counted at some moment during the call. */
struct pool_histogram_snapshot {
    struct pool_buckets buckets;
    uint64_t counts[POOL_MAX_BUCKETS + 1]; /* in each bucket, not cumulative; the last is +Inf */
    uint64_t count;                        /* in all of them */
    double sum;
    double least, greatest; /* of all observations; meaningless while count is 0 */
};

/* A NULL histogram gives an empty snapshot. */
void pool_histogram_snapshot(const struct pool_histogram *histogram,
                             struct pool_histogram_snapshot *snapshot);

struct pool_quantile {
    double value;     /* the estimate */
    double low, high; /* where the true one is, without doubt: value is off by at most high - low */
};

/* The Q-quantile (0 to 1): the observation of rank ceil(Q * count), the least one for 0. Estimated as
 * Prometheus' histogram_quantile does, linearly inside the bucket where it lies, but with least and greatest
 * for the outer ends: so the last bucket has an end too, and the error is always told. POOL_EMPTY: nothing
 * was counted. POOL_INVALID: NULL, or Q is not in 0 to 1. */
POOL_MUST_LOOK enum pool_status pool_histogram_quantile(const struct pool_histogram_snapshot *snapshot,
                                                        double q, struct pool_quantile *quantile);

#ifdef __cplusplus
}
#endif

#endif
