/* metrics.h - a registry of counters and gauges that many workers write at once without getting in each
 * other's way.
 *
 *     struct pool_metrics *metrics;
 *     if (pool_metrics_create(&metrics, &(struct pool_metrics_options){.shards = 4}) != POOL_OK) ...
 *     struct pool_series series = {.name = "jobs_total", .help = "Jobs.", .labels = {{"kind", "mail"}}};
 *     if (pool_metrics_counter(metrics, &series, &jobs) != POOL_OK) ...
 *     pool_counter_add(jobs, worker, 1);                 // from any thread, as often as you like
 *     pool_metrics_destroy(metrics);                     // when nobody writes any more
 *
 * The caller's steps: create a registry, register what shall be counted once, count, read (here, or all at
 * once through exposition.h), destroy. Histograms stand in histogram.h.
 *
 * A metric is a row of cells, one cache line for each shard. A worker adds to its own; a reader sums all.
 * The shard is a hint: any number will do, it is taken modulo the shards, and two threads that share one are
 * slower but counted right.
 *
 * What a reader may rely on: no cell is ever torn; one thread that reads a counter twice never sees it go
 * down; what happened before the read (the writer was joined, or its task was waited for) is in the sum.
 * There is no order between two metrics: `completed` may be read higher than `submitted`. Numbers that must
 * agree with each other come from one source, pool_metrics_poll. Counters are 64 bits and wrap to 0, which
 * Prometheus takes for a restart; beyond 2^53 its own numbers are no longer exact.
 *
 * Every function may be called from any thread and from inside a task. Registering, polling and unpolling
 * take a lock that only scrapes hold longer; recording takes none and does not block.
 */
#ifndef DEEPEND_POOL_METRICS_H
#define DEEPEND_POOL_METRICS_H

#include "status.h"
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

struct pool_metrics; /* the registry; it owns every metric registered with it */
struct pool_counter; /* only goes up */
struct pool_gauge;   /* goes up and down; negative too */

enum { POOL_MAX_LABELS = 8, POOL_MAX_SHARDS = 4096, POOL_SERIES_LIMIT = 1000 };

struct pool_metrics_options {
    unsigned shards; /* 1 to POOL_MAX_SHARDS; rounded up to a power of two. As many as there are workers */
    size_t series_limit; /* label sets that one name may have; 0: POOL_SERIES_LIMIT. A label with an id or a
                            path in it grows without end, a leak of its own (X37): here it is refused */
};

/* POOL_INVALID or POOL_NO_MEMORY leave *METRICS NULL. */
POOL_MUST_LOOK enum pool_status pool_metrics_create(struct pool_metrics **metrics,
                                                    const struct pool_metrics_options *options);

/* Frees the registry and its metrics. NULL is fine. Nobody may use any of them from now on. */
void pool_metrics_destroy(struct pool_metrics *metrics);

/* --- naming ------------------------------------------------------------------------------------------- */

struct pool_label {
    const char *name;  /* [a-zA-Z_][a-zA-Z0-9_]*, neither beginning with "__" nor "le" */
    const char *value; /* UTF-8, not empty: to Prometheus an empty value is no label */
};

/* Who a metric is: its name and its labels, in any order; those that are not used are NULL. All text is
 * copied. All series of a name have the same help and the same label names. */
struct pool_series {
    const char *name; /* [a-zA-Z_:][a-zA-Z0-9_:]* */
    const char *help; /* UTF-8, or NULL */
    struct pool_label labels[POOL_MAX_LABELS];
};

/* Register a metric, or find the one that was registered with the same name and labels. It lives as long as
 * the registry. POOL_INVALID: NULL, a bad name, label or text, or a name that is taken by another kind,
 * another help, other label names, or by a polled series. POOL_REJECTED: the series limit. POOL_NO_MEMORY.
 * Whatever is not POOL_OK leaves the handle NULL. */
POOL_MUST_LOOK enum pool_status pool_metrics_counter(struct pool_metrics *metrics,
                                                     const struct pool_series *series,
                                                     struct pool_counter **counter);
POOL_MUST_LOOK enum pool_status
pool_metrics_gauge(struct pool_metrics *metrics, const struct pool_series *series, struct pool_gauge **gauge);

/* --- recording: a NULL handle records nothing and reads 0, so metrics can be switched off ----------------
 */

void pool_counter_add(struct pool_counter *counter, unsigned shard, uint64_t amount);
uint64_t pool_counter_read(const struct pool_counter *counter);

/* The gauge is the sum of its shards. `set` sets this shard's part: a worker tells its own level and the sum
 * is the pool's; a gauge with one writer always uses the same shard. Beyond 64 bits it wraps. */
void pool_gauge_add(struct pool_gauge *gauge, unsigned shard, int64_t amount);
void pool_gauge_set(struct pool_gauge *gauge, unsigned shard, int64_t value);
int64_t pool_gauge_read(const struct pool_gauge *gauge);

/* --- numbers that somebody else keeps ----------------------------------------------------------------- */

struct pool_metrics_source;

enum pool_polled_kind { POOL_POLLED_COUNTER, POOL_POLLED_GAUGE };
enum { POOL_MAX_POLLED = 32 };

struct pool_polled {
    enum pool_polled_kind kind;
    struct pool_series series;
};

/* Fill VALUES, one for each polled series. Called once in each scrape, without a lock, by the thread that
 * scrapes: the values of one source therefore belong to one moment if it can read them so. */
typedef void pool_metrics_read(void *context, double *values);

/* Register COUNT (1 to POOL_MAX_POLLED) series that READ fills. All or none; a series that is there already
 * is POOL_INVALID; otherwise as above. */
POOL_MUST_LOOK enum pool_status pool_metrics_poll(struct pool_metrics *metrics,
                                                  const struct pool_polled *polled, size_t count,
                                                  pool_metrics_read *read, void *context,
                                                  struct pool_metrics_source **source);

/* Take a source and its series out. Waits for a scrape that is inside READ: afterwards CONTEXT may be freed.
 * From inside a READ POOL_WOULD_DEADLOCK, nothing changed. A NULL source is fine. */
enum pool_status pool_metrics_unpoll(struct pool_metrics *metrics, struct pool_metrics_source *source);

#ifdef __cplusplus
}
#endif

#endif
