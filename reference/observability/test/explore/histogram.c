/* Shows: two threads that observe in one shard lose nothing, though the one that came first owns it and adds
 * with plain stores; and a third reads nothing counted that is not yet in the sum.
 *
 *     deepend explore reference/observability/test/explore/histogram.c reference/observability/metrics*.c
 *         reference/observability/histogram.c --cflags "-Ireference/core -Ireference/observability"
 *
 *     broken reference/observability/metrics_inside.h wrong-result: s/bool alone = owner == me;/bool alone = owner != 0;/
 *     broken reference/observability/histogram.c wrong-result: /^void pool_histogram_add/,/^}/{s/^    add_double(.*$//;s/^}/    add_double(row, \&mine->sum, value);\n}/}
 */
#include "histogram.h"
#include <assert.h>
#include <pthread.h>

static struct pool_histogram *histogram;

static void *observe(void *unused)
{
    pool_histogram_observe(histogram, 0, 2);
    return unused;
}

static void *look(void *unused)
{
    struct pool_histogram_snapshot now;
    pool_histogram_snapshot(histogram, &now);
    assert(now.sum >= 2 * (double)now.count);
    return unused;
}

int main(void)
{
    static const struct pool_buckets one = {.count = 1, .bounds = {1}};
    struct pool_series series = {.name = "seconds"};
    struct pool_histogram_snapshot now;
    struct pool_metrics *metrics;
    pthread_t threads[3];

    if (pool_metrics_create(&metrics, &(struct pool_metrics_options){.shards = 1}) != POOL_OK ||
        pool_metrics_histogram(metrics, &series, &one, &histogram) != POOL_OK)
        return 2;
    pthread_create(&threads[0], NULL, observe, NULL);
    pthread_create(&threads[1], NULL, observe, NULL);
    pthread_create(&threads[2], NULL, look, NULL);
    for (int i = 0; i < 3; i++)
        pthread_join(threads[i], NULL);
    pool_histogram_snapshot(histogram, &now);
    assert(now.count == 2 && now.sum == 4 && now.least == 2 && now.greatest == 2);
    pool_metrics_destroy(metrics);
    return 0;
}
