/* metrics.c - counters, gauges and polled sources of a registry, see metrics.h.
 *
 * Recording touches one cell and nothing else. Everything slow (registering, polling, scraping) shares the
 * registry's lock. A scrape drops that lock while it calls a source, and stays the only scrape meanwhile.
 *
 * Which series there are stands in metrics_series.c, the text in exposition.c.
 */
#include "metrics_inside.h"

#include <stdlib.h>
#include <string.h>

/* --- create ------------------------------------------------------------------------------------------- */

static unsigned power_of_two_from(unsigned count)
{
    unsigned power = 1;
    while (power < count)
        power *= 2;
    return power;
}

enum pool_status pool_metrics_create(struct pool_metrics **metrics,
                                     const struct pool_metrics_options *options)
{
    if (!metrics)
        return POOL_INVALID;
    *metrics = NULL;
    if (!options || options->shards < 1 || options->shards > POOL_MAX_SHARDS)
        return POOL_INVALID;
    unsigned shards = power_of_two_from(options->shards);
    struct pool_metrics *made = calloc(1, sizeof *made + shards * sizeof made->owners[0]);
    if (!made)
        return POOL_NO_MEMORY;
    made->mask = shards - 1;
    made->series_limit = options->series_limit ? options->series_limit : POOL_SERIES_LIMIT;
    lock_init(&made->lock);
    bell_init(&made->turn, &made->lock);
    bell_init(&made->left, &made->lock);
    *metrics = made;
    return POOL_OK;
}

void pool_metrics_destroy(struct pool_metrics *metrics)
{
    if (!metrics)
        return;
    lock_take(&metrics->lock);
    while (metrics->families)
        pool_series_remove_locked(metrics, metrics->families->series);
    lock_drop(&metrics->lock);
    while (metrics->sources) {
        struct pool_metrics_source *source = metrics->sources;
        metrics->sources = source->next;
        free(source);
    }
    bell_release(&metrics->left);
    bell_release(&metrics->turn);
    lock_release(&metrics->lock);
    free(metrics);
}

/* --- counters and gauges ------------------------------------------------------------------------------ */

static struct metric_cell *cells_new(unsigned count)
{
    struct metric_cell *cells = aligned_alloc(CACHE_LINE, count * sizeof *cells);
    for (unsigned i = 0; cells && i < count; i++)
        atomic_init(&cells[i].value, 0);
    return cells;
}

static void cell_add(const struct metric_cell *cells, unsigned mask, unsigned shard, uint64_t amount)
{
    struct metric_cell *cell = (struct metric_cell *)&cells[shard & mask];
    atomic_fetch_add_explicit(&cell->value, amount, memory_order_relaxed);
}

static uint64_t cells_sum(const struct metric_cell *cells, unsigned mask)
{
    uint64_t sum = 0;
    for (unsigned i = 0; i <= mask; i++)
        sum += atomic_load_explicit(&cells[i].value, memory_order_relaxed);
    return sum;
}

/* Both kinds are registered alike: give a new series its cells, or take it out again. */
static enum pool_status cells_get(struct pool_metrics *metrics, const struct pool_series *series,
                                  enum metric_kind kind, struct metric_series **found)
{
    bool fresh;

    if (!metrics)
        return POOL_INVALID;
    lock_take(&metrics->lock);
    enum pool_status status = pool_series_get_locked(metrics, series, kind, found, &fresh);
    if (status == POOL_OK && fresh) {
        struct metric_cell *cells = cells_new(metrics->mask + 1);
        if (kind == KIND_COUNTER)
            (*found)->counter = (struct pool_counter){metrics->mask, cells};
        else
            (*found)->gauge = (struct pool_gauge){metrics->mask, cells};
        if (!cells) {
            pool_series_remove_locked(metrics, *found);
            status = POOL_NO_MEMORY;
        }
    }
    lock_drop(&metrics->lock);
    return status;
}

enum pool_status pool_metrics_counter(struct pool_metrics *metrics, const struct pool_series *series,
                                      struct pool_counter **counter)
{
    struct metric_series *found;
    if (!counter)
        return POOL_INVALID;
    enum pool_status status = cells_get(metrics, series, KIND_COUNTER, &found);
    *counter = status == POOL_OK ? &found->counter : NULL;
    return status;
}

enum pool_status pool_metrics_gauge(struct pool_metrics *metrics, const struct pool_series *series,
                                    struct pool_gauge **gauge)
{
    struct metric_series *found;
    if (!gauge)
        return POOL_INVALID;
    enum pool_status status = cells_get(metrics, series, KIND_GAUGE, &found);
    *gauge = status == POOL_OK ? &found->gauge : NULL;
    return status;
}

void pool_counter_add(struct pool_counter *counter, unsigned shard, uint64_t amount)
{
    if (counter)
        cell_add(counter->cells, counter->mask, shard, amount);
}

uint64_t pool_counter_read(const struct pool_counter *counter)
{
    return counter ? cells_sum(counter->cells, counter->mask) : 0;
}

void pool_gauge_add(struct pool_gauge *gauge, unsigned shard, int64_t amount)
{
    if (gauge)
        cell_add(gauge->cells, gauge->mask, shard, (uint64_t)amount);
}

void pool_gauge_set(struct pool_gauge *gauge, unsigned shard, int64_t value)
{
    if (gauge)
        atomic_store_explicit(&gauge->cells[shard & gauge->mask].value, (uint64_t)value,
                              memory_order_relaxed);
}

int64_t pool_gauge_read(const struct pool_gauge *gauge)
{
    return gauge ? (int64_t)cells_sum(gauge->cells, gauge->mask) : 0;
}

/* --- sources ------------------------------------------------------------------------------------------ */

/* Take out every series that SOURCE fills, then SOURCE. */
static void source_remove_locked(struct pool_metrics *metrics, struct pool_metrics_source *source)
{
    struct metric_family *family = metrics->families, *next_family;
    for (; family; family = next_family) {
        struct metric_series *series = family->series, *next;
        next_family = family->next; /* the family goes with its last series */
        for (; series; series = next) {
            next = series->next;
            if (series->source == source)
                pool_series_remove_locked(metrics, series);
        }
    }
    struct pool_metrics_source **link = &metrics->sources;
    while (*link != source)
        link = &(*link)->next;
    *link = source->next;
    free(source);
}

static enum pool_status source_fill_locked(struct pool_metrics *metrics, struct pool_metrics_source *source,
                                           const struct pool_polled *polled, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct metric_series *found;
        bool fresh;
        enum metric_kind kind = polled[i].kind == POOL_POLLED_COUNTER ? KIND_COUNTER : KIND_GAUGE;
        enum pool_status status = pool_series_get_locked(metrics, &polled[i].series, kind, &found, &fresh);
        if (status != POOL_OK)
            return status;
        if (!fresh)
            return POOL_INVALID;
        found->source = source;
        found->place = i;
    }
    return POOL_OK;
}

static bool polled_is_valid(const struct pool_polled *polled, size_t count)
{
    if (!polled || count < 1 || count > POOL_MAX_POLLED)
        return false;
    for (size_t i = 0; i < count; i++)
        if (polled[i].kind != POOL_POLLED_COUNTER && polled[i].kind != POOL_POLLED_GAUGE)
            return false;
    return true;
}

enum pool_status pool_metrics_poll(struct pool_metrics *metrics, const struct pool_polled *polled,
                                   size_t count, pool_metrics_read *read, void *context,
                                   struct pool_metrics_source **source)
{
    if (!source)
        return POOL_INVALID;
    *source = NULL;
    if (!metrics || !read || !polled_is_valid(polled, count))
        return POOL_INVALID;
    struct pool_metrics_source *made = calloc(1, sizeof *made);
    if (!made)
        return POOL_NO_MEMORY;
    made->read = read;
    made->context = context;
    lock_take(&metrics->lock);
    struct pool_metrics_source **link = &metrics->sources;
    while (*link)
        link = &(*link)->next;
    *link = made;
    enum pool_status status = source_fill_locked(metrics, made, polled, count);
    if (status == POOL_OK)
        *source = made;
    else
        source_remove_locked(metrics, made);
    lock_drop(&metrics->lock);
    return status;
}

enum pool_status pool_metrics_unpoll(struct pool_metrics *metrics, struct pool_metrics_source *source)
{
    if (!metrics)
        return POOL_INVALID;
    if (!source)
        return POOL_OK;
    enum pool_status status = POOL_WOULD_DEADLOCK;
    lock_take(&metrics->lock);
    if (!scrape_is_mine_locked(metrics)) {
        while (metrics->reading == source)
            bell_wait(&metrics->left, NULL);
        source_remove_locked(metrics, source);
        status = POOL_OK;
    }
    lock_drop(&metrics->lock);
    return status;
}

/* A source that is being read stays where it is until `reading` moves on, so its `next` may be followed
 * afterwards. One that was added meanwhile is read too, since its series are there already. */
void pool_sources_read_locked(struct pool_metrics *metrics)
{
    assert(scrape_is_mine_locked(metrics));
    for (struct pool_metrics_source *source = metrics->sources; source; source = source->next) {
        double values[POOL_MAX_POLLED] = {0};
        metrics->reading = source;
        lock_drop(&metrics->lock);
        source->read(source->context, values);
        lock_take(&metrics->lock);
        memcpy(source->values, values, sizeof values);
        metrics->reading = NULL;
        bell_ring_all(&metrics->left);
    }
}
