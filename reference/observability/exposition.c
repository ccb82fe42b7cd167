/* exposition.c - a registry as Prometheus text, see exposition.h.
 *
 * A scrape has two parts: ask the sources, one by one and without the lock; then write everything under it.
 * What workers record meanwhile shows or not; each line is right for some moment of the scrape, and the lines
 * of one histogram fit each other.
 */
#include "exposition.h"

#include "metrics_inside.h"
#include <stdlib.h>

static const char *const kind_names[] = {
    [KIND_COUNTER] = "counter", [KIND_GAUGE] = "gauge", [KIND_HISTOGRAM] = "histogram"};

static void write_head(struct pool_text *text, const struct metric_family *family)
{
    if (family->help) {
        pool_text_put(text, "# HELP ");
        pool_text_put(text, family->name);
        pool_text_put(text, " ");
        pool_text_escaped(text, family->help, "");
        pool_text_put(text, "\n");
    }
    pool_text_put(text, "# TYPE ");
    pool_text_put(text, family->name);
    pool_text_put(text, " ");
    pool_text_put(text, kind_names[family->kind]);
    pool_text_put(text, "\n");
}

/* `name_suffix{labels} `, and the value is the caller's. */
static void write_name(struct pool_text *text, const struct metric_family *family, const char *suffix,
                       const struct metric_series *series)
{
    pool_text_put(text, family->name);
    pool_text_put(text, suffix);
    if (*series->labels) {
        pool_text_put(text, "{");
        pool_text_put(text, series->labels);
        pool_text_put(text, "}");
    }
    pool_text_put(text, " ");
}

/* `name_bucket{labels,le="BOUND"} COUNT`; a NULL bound is +Inf. */
static void write_bucket(struct pool_text *text, const struct metric_family *family,
                         const struct metric_series *series, const double *bound, uint64_t count)
{
    pool_text_put(text, family->name);
    pool_text_put(text, "_bucket{");
    pool_text_put(text, series->labels);
    pool_text_put(text, *series->labels ? ",le=\"" : "le=\"");
    if (bound)
        pool_text_double(text, *bound);
    else
        pool_text_put(text, "+Inf");
    pool_text_put(text, "\"} ");
    pool_text_natural(text, count);
    pool_text_put(text, "\n");
}

static void write_histogram(struct pool_text *text, const struct metric_family *family,
                            const struct metric_series *series)
{
    struct pool_histogram_snapshot now;
    uint64_t below = 0;

    pool_histogram_snapshot(&series->histogram, &now);
    for (size_t i = 0; i <= now.buckets.count; i++) {
        below += now.counts[i];
        write_bucket(text, family, series, i < now.buckets.count ? &now.buckets.bounds[i] : NULL, below);
    }
    write_name(text, family, "_sum", series);
    pool_text_double(text, now.sum);
    pool_text_put(text, "\n");
    write_name(text, family, "_count", series);
    pool_text_natural(text, now.count);
    pool_text_put(text, "\n");
}

static void write_value(struct pool_text *text, const struct metric_family *family,
                        const struct metric_series *series)
{
    write_name(text, family, "", series);
    if (series->source)
        pool_text_double(text, series->source->values[series->place]);
    else if (family->kind == KIND_COUNTER)
        pool_text_natural(text, pool_counter_read(&series->counter));
    else
        pool_text_integer(text, pool_gauge_read(&series->gauge));
    pool_text_put(text, "\n");
}

static void write_families_locked(const struct pool_metrics *metrics, struct pool_text *text)
{
    pool_text_put(text, ""); /* an empty registry is a text as well */
    for (const struct metric_family *family = metrics->families; family; family = family->next) {
        write_head(text, family);
        for (const struct metric_series *series = family->series; series; series = series->next) {
            if (family->kind == KIND_HISTOGRAM)
                write_histogram(text, family, series);
            else
                write_value(text, family, series);
        }
    }
}

/* Be the one scrape there is. False: this thread is inside one. */
static bool scrape_begin_locked(struct pool_metrics *metrics)
{
    if (scrape_is_mine_locked(metrics))
        return false;
    while (metrics->scraping)
        bell_wait(&metrics->turn, NULL);
    metrics->scraping = true;
    metrics->scraper = pthread_self();
    return true;
}

static void scrape_end_locked(struct pool_metrics *metrics)
{
    metrics->scraping = false;
    bell_ring(&metrics->turn);
}

enum pool_status pool_metrics_write(struct pool_metrics *metrics, char **text, size_t *length)
{
    struct pool_text written = {0};
    enum pool_status status = POOL_WOULD_DEADLOCK;

    if (text)
        *text = NULL;
    if (!metrics || !text || !length)
        return POOL_INVALID;
    lock_take(&metrics->lock);
    if (scrape_begin_locked(metrics)) {
        pool_sources_read_locked(metrics);
        write_families_locked(metrics, &written);
        scrape_end_locked(metrics);
        status = written.failed ? POOL_NO_MEMORY : POOL_OK;
    }
    lock_drop(&metrics->lock);
    *text = written.data;
    *length = written.length;
    return status;
}
