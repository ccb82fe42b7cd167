/* histogram.c - observations in buckets and percentiles from them, see histogram.h. */
#include "histogram.h"

#include "metrics_inside.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* --- bounds ------------------------------------------------------------------------------------------- */

const struct pool_buckets pool_buckets_seconds = {
    .count = 22, .bounds = {1e-6, 2.5e-6, 5e-6,  1e-5, 2.5e-5, 5e-5, 1e-4, 2.5e-4, 5e-4, 1e-3, 2.5e-3,
                            5e-3, 0.01,   0.025, 0.05, 0.1,    0.25, 0.5,  1,      2.5,  5,    10}};

const struct pool_buckets pool_buckets_fanout = {
    .count = 16,
    .bounds = {1, 3, 5, 10, 30, 50, 100, 300, 500, 1000, 3000, 5000, 10000, 30000, 50000, 100000}};

static bool buckets_are_valid(const struct pool_buckets *buckets)
{
    if (!buckets || buckets->count < 1 || buckets->count > POOL_MAX_BUCKETS)
        return false;
    for (size_t i = 0; i < buckets->count; i++)
        if (!isfinite(buckets->bounds[i]) || (i > 0 && !(buckets->bounds[i] > buckets->bounds[i - 1])))
            return false;
    return true;
}

static bool buckets_are_same(const struct pool_buckets *one, const struct pool_buckets *other)
{
    return one->count == other->count &&
           memcmp(one->bounds, other->bounds, one->count * sizeof one->bounds[0]) == 0;
}

enum pool_status pool_buckets_exponential(struct pool_buckets *buckets, double first, double factor,
                                          size_t count)
{
    if (!buckets || !(first > 0) || !(factor > 1) || count < 1 || count > POOL_MAX_BUCKETS)
        return POOL_INVALID;
    *buckets = (struct pool_buckets){.count = count};
    for (size_t i = 0; i < count; i++)
        buckets->bounds[i] = i == 0 ? first : buckets->bounds[i - 1] * factor;
    return buckets_are_valid(buckets) ? POOL_OK : POOL_INVALID;
}

/* --- registering -------------------------------------------------------------------------------------- */

static struct histogram_row *row_at(const struct pool_histogram *histogram, unsigned row)
{
    return (struct histogram_row *)(histogram->rows + row * histogram->stride);
}

/* False: out of memory. */
static bool histogram_init(struct pool_histogram *histogram, struct pool_metrics *metrics,
                           const struct pool_buckets *buckets)
{
    unsigned rows = shard_rows(metrics->mask);
    size_t used = sizeof(struct histogram_row) + (buckets->count + 1) * sizeof(atomic_uint_fast64_t);
    size_t stride = (used + CACHE_LINE - 1) / CACHE_LINE * CACHE_LINE;
    *histogram = (struct pool_histogram){.metrics = metrics, .stride = stride, .buckets = *buckets};
    histogram->rows = aligned_alloc(CACHE_LINE, stride * rows);
    if (!histogram->rows)
        return false;
    memset(histogram->rows, 0, stride * rows);
    for (unsigned i = 0; i < rows; i++) {
        atomic_init(&row_at(histogram, i)->least, INFINITY);
        atomic_init(&row_at(histogram, i)->greatest, -INFINITY);
    }
    return true;
}

enum pool_status pool_metrics_histogram(struct pool_metrics *metrics, const struct pool_series *series,
                                        const struct pool_buckets *buckets, struct pool_histogram **histogram)
{
    struct metric_series *found;
    bool fresh;

    if (!histogram)
        return POOL_INVALID;
    *histogram = NULL;
    if (!metrics || !buckets_are_valid(buckets))
        return POOL_INVALID;
    lock_take(&metrics->lock);
    enum pool_status status = pool_series_get_locked(metrics, series, KIND_HISTOGRAM, &found, &fresh);
    if (status == POOL_OK && fresh && !histogram_init(&found->histogram, metrics, buckets)) {
        pool_series_remove_locked(metrics, found);
        status = POOL_NO_MEMORY;
    } else if (status == POOL_OK && !buckets_are_same(&found->histogram.buckets, buckets)) {
        status = POOL_INVALID;
    }
    if (status == POOL_OK)
        *histogram = &found->histogram;
    lock_drop(&metrics->lock);
    return status;
}

/* --- recording ---------------------------------------------------------------------------------------- */

/* The first bucket whose bound is not below VALUE; buckets->count when there is none. */
static size_t bucket_of(const struct pool_buckets *buckets, double value)
{
    size_t low = 0, high = buckets->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (buckets->bounds[middle] < value)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static void add_double(struct row row, _Atomic double *sum, double value)
{
    double old = atomic_load_explicit(sum, memory_order_relaxed);
    if (row.alone)
        atomic_store_explicit(sum, old + value, memory_order_relaxed);
    else
        while (!atomic_compare_exchange_weak_explicit(sum, &old, old + value, memory_order_relaxed,
                                                      memory_order_relaxed))
            ;
}

static void lower_to(_Atomic double *least, double value)
{
    double old = atomic_load_explicit(least, memory_order_relaxed);
    while (value < old && !atomic_compare_exchange_weak_explicit(least, &old, value, memory_order_relaxed,
                                                                 memory_order_relaxed))
        ;
}

static void raise_to(_Atomic double *greatest, double value)
{
    double old = atomic_load_explicit(greatest, memory_order_relaxed);
    while (value > old && !atomic_compare_exchange_weak_explicit(greatest, &old, value, memory_order_relaxed,
                                                                 memory_order_relaxed))
        ;
}

void pool_histogram_add(struct pool_histogram *histogram, struct row row, double value)
{
    struct histogram_row *mine = row_at(histogram, row.number);
    add_double(row, &mine->sum, value);
    lower_to(&mine->least, value);
    raise_to(&mine->greatest, value);
    /* Release, last: a reader that sees this count (acquire) sees the three above. */
    row_add(row, &mine->counts[bucket_of(&histogram->buckets, value)], 1, memory_order_release);
}

enum pool_status pool_histogram_observe(struct pool_histogram *histogram, unsigned shard, double value)
{
    if (!isfinite(value))
        return POOL_INVALID;
    if (histogram)
        pool_histogram_add(histogram, shard_row(histogram->metrics, shard), value);
    return POOL_OK;
}

/* --- reading ------------------------------------------------------------------------------------------ */

static void add_row(struct pool_histogram_snapshot *snapshot, struct histogram_row *row)
{
    for (size_t i = 0; i <= snapshot->buckets.count; i++) {
        uint64_t count = atomic_load_explicit(&row->counts[i], memory_order_acquire);
        snapshot->counts[i] += count;
        snapshot->count += count;
    }
    snapshot->sum += atomic_load_explicit(&row->sum, memory_order_relaxed);
    snapshot->least = fmin(snapshot->least, atomic_load_explicit(&row->least, memory_order_relaxed));
    snapshot->greatest = fmax(snapshot->greatest, atomic_load_explicit(&row->greatest, memory_order_relaxed));
}

void pool_histogram_snapshot(const struct pool_histogram *histogram, struct pool_histogram_snapshot *snapshot)
{
    if (!snapshot)
        return;
    *snapshot = (struct pool_histogram_snapshot){.least = INFINITY, .greatest = -INFINITY};
    if (!histogram)
        return;
    snapshot->buckets = histogram->buckets;
    for (unsigned i = 0; i < shard_rows(histogram->metrics->mask); i++)
        add_row(snapshot, row_at(histogram, i));
}

enum pool_status pool_histogram_quantile(const struct pool_histogram_snapshot *snapshot, double q,
                                         struct pool_quantile *quantile)
{
    if (!snapshot || !quantile || !(q >= 0 && q <= 1))
        return POOL_INVALID;
    if (snapshot->count == 0)
        return POOL_EMPTY;
    double rank = fmax(q * (double)snapshot->count, 1);
    double below = 0; /* observations in the buckets before this one */
    size_t i = 0;
    while (i < snapshot->buckets.count && below + (double)snapshot->counts[i] < rank)
        below += (double)snapshot->counts[i++];
    const double *bounds = snapshot->buckets.bounds;
    double low = i > 0 ? fmax(bounds[i - 1], snapshot->least) : snapshot->least;
    double high = i < snapshot->buckets.count ? fmin(bounds[i], snapshot->greatest) : snapshot->greatest;
    double share = (rank - below) / (double)snapshot->counts[i];
    *quantile = (struct pool_quantile){.value = low + (high - low) * share, .low = low, .high = high};
    return POOL_OK;
}
