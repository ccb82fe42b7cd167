/* metrics_inside.h - what metrics.c, histogram.c and exposition.c share: families, series, cells, sources.
 *
 * Private to this room. A registry is a list of families (one name, one kind), each a list of series (one
 * label set). Nothing but a polled series is ever taken out again, so handles need no counting.
 */
#ifndef DEEPEND_POOL_METRICS_INSIDE_H
#define DEEPEND_POOL_METRICS_INSIDE_H

#include "histogram.h"
#include "metrics.h"
#include "metrics_text.h"
#include "pool_monitor.h"
#include <stdatomic.h>

enum { CACHE_LINE = 64 };

enum metric_kind { KIND_COUNTER, KIND_GAUGE, KIND_HISTOGRAM };

/* One shard of a counter (modulo 2^64) or of a gauge (two's complement). Relaxed: a cell orders nothing. */
struct metric_cell {
    _Alignas(CACHE_LINE) atomic_uint_fast64_t value;
};

struct pool_counter {
    unsigned mask; /* shards - 1 */
    struct metric_cell *cells;
};

struct pool_gauge {
    unsigned mask;
    struct metric_cell *cells;
};

/* One row of a histogram, followed by its counts. The count is added last and with release, and read first
 * and with acquire: who sees it sees the three others as well. */
struct histogram_row {
    _Alignas(CACHE_LINE) _Atomic double sum;
    _Atomic double least, greatest;
    atomic_uint_fast64_t counts[];
};

struct pool_histogram {
    struct pool_metrics *metrics; /* knows the shards and their owners */
    size_t stride;                /* bytes from one row to the next */
    struct pool_buckets buckets;
    unsigned char *rows; /* shard_rows of them */
};

struct metric_series {
    struct metric_series *next;
    char *labels; /* `a="x",b="y"`, escaped, by name: the identity and the printed form at once */
    struct pool_metrics_source *source; /* NULL: recorded here */
    size_t place;                       /* which of the source's values */
    union {
        struct pool_counter counter;
        struct pool_gauge gauge;
        struct pool_histogram histogram;
    };
};

struct metric_family {
    struct metric_family *next;
    enum metric_kind kind;
    char *name, *help; /* help may be NULL */
    char *label_names; /* "a,b,": the same in all its series */
    size_t count;      /* series */
    struct metric_series *series;
};

struct pool_metrics_source {
    struct pool_metrics_source *next;
    pool_metrics_read *read;
    void *context;
    double values[POOL_MAX_POLLED]; /* guarded by the registry's lock: what the last scrape read */
};

struct pool_metrics {
    /* Fixed after create. */
    unsigned mask;
    size_t series_limit;

    struct lock lock; /* never held while a source reads */

    /* Guarded by lock. */
    struct metric_family *families;
    struct pool_metrics_source *sources;
    struct pool_metrics_source *reading; /* whose read is being called; NULL: none */
    bool scraping;
    pthread_t scraper; /* who, while scraping */
    struct bell turn;  /* slept at until: not scraping */
    struct bell left;  /* slept at until: reading is another source */

    atomic_uintptr_t owners[]; /* of each shard: a thread, or 0; see shard_row */
};

/* Find or make the series; *FRESH says that it was made and its metric is still to be filled in. On anything
 * but POOL_OK nothing changed. */
enum pool_status pool_series_get_locked(struct pool_metrics *metrics, const struct pool_series *series,
                                        enum metric_kind kind, struct metric_series **found, bool *fresh);

/* Take out SERIES, and its family if that was the last. Frees what it holds. */
void pool_series_remove_locked(struct pool_metrics *metrics, struct metric_series *series);

/* The texts of SERIES are as metrics.h asks. */
bool pool_series_is_valid(const struct pool_series *series);

/* Append to LABELS the canonical form of the labels and to NAMES the list of their names. */
void pool_series_print(const struct pool_series *series, struct pool_text *labels, struct pool_text *names);

/* --- two rows for each shard ---------------------------------------------------------------------------- */

/* Where a thread writes what it counts in a shard. */
struct row {
    unsigned number; /* below shard_rows */
    bool alone;      /* nobody else writes there */
};

static inline unsigned shard_rows(unsigned mask)
{
    return 2 * (mask + 1);
}

/* Who records in a shard first owns it from then on: row SHARD is written by that thread alone, with plain loads
 * and stores of atomics, at a tenth of what a locked instruction costs. Everybody else who names the shard
 * shares its second row, with locked ones. A shard is never given back; but the id of a thread that has ended is
 * given out again, and with it the shard. That loses nothing: an id comes again when its thread is known to be
 * gone, so what the new one reads in the row is the last that the old one wrote. Relaxed: owners order nothing.
 */
static inline struct row shard_row(struct pool_metrics *metrics, unsigned shard)
{
    uintptr_t me = (uintptr_t)pthread_self();
    atomic_uintptr_t *place = &metrics->owners[shard & metrics->mask];
    uintptr_t owner = atomic_load_explicit(place, memory_order_relaxed);

    if (owner == 0 && atomic_compare_exchange_strong_explicit(place, &owner, me, memory_order_relaxed,
                                                              memory_order_relaxed))
        owner = me;
    bool alone = owner == me;
    return (struct row){(shard & metrics->mask) + (alone ? 0 : metrics->mask + 1), alone};
}

/* Add in a row of this thread's; ORDER is that of the store. */
static inline void row_add(struct row row, atomic_uint_fast64_t *number, uint64_t amount, memory_order order)
{
    if (row.alone)
        atomic_store_explicit(number, atomic_load_explicit(number, memory_order_relaxed) + amount, order);
    else
        atomic_fetch_add_explicit(number, amount, order);
}

/* pool_histogram_observe of a finite VALUE, by whoever knows the row already. */
void pool_histogram_add(struct pool_histogram *histogram, struct row row, double value);

/* Fill VALUES of every source. Only by the thread that has the scrape. */
void pool_sources_read_locked(struct pool_metrics *metrics);

static inline bool scrape_is_mine_locked(const struct pool_metrics *metrics)
{
    assert(lock_is_mine(&metrics->lock));
    return metrics->scraping && pthread_equal(metrics->scraper, pthread_self());
}

#endif
