/* Shows: two threads that register one counter get the same, what they add to one shard is all there, and a
 * source that was taken out may be freed while another thread scrapes.
 *
 *     deepend explore reference/observability/test/explore/metrics.c reference/observability/metrics*.c
 *         reference/observability/histogram.c reference/observability/exposition.c
 *         --cflags "-Ireference/core -Ireference/observability"
 *
 *     broken reference/observability/metrics.c wrong-result: s/atomic_fetch_add_explicit(&cell->value, amount, memory_order_relaxed)/cell->value = cell->value + amount/
 *     broken reference/observability/metrics.c race: /pool_metrics_unpoll/,/^}/s/bell_wait(&metrics->left, NULL)/break/
 */
#include "exposition.h"
#include <assert.h>
#include <pthread.h>
#include <stdlib.h>

static struct pool_metrics *metrics;
static struct pool_counter *counters[2];

static void read_depth(void *depth, double *values)
{
    values[0] = *(int *)depth;
}

static void *come_and_go(void *counter)
{
    static const struct pool_polled depth = {.kind = POOL_POLLED_GAUGE, .series = {.name = "depth"}};
    struct pool_series series = {.name = "jobs_total"};
    struct pool_metrics_source *source = NULL;
    int here = 1;

    if (pool_metrics_counter(metrics, &series, counter) == POOL_OK)
        pool_counter_add(*(struct pool_counter **)counter, 0, 1);
    if (counter == &counters[1])
        return NULL;
    if (pool_metrics_poll(metrics, &depth, 1, read_depth, &here, &source) == POOL_OK)
        pool_metrics_unpoll(metrics, source);
    here = 0; /* nobody may read it now */
    return NULL;
}

static void *scrape(void *unused)
{
    char *text;
    size_t length;
    if (pool_metrics_write(metrics, &text, &length) == POOL_OK)
        free(text);
    return unused;
}

int main(void)
{
    pthread_t threads[3];

    if (pool_metrics_create(&metrics, &(struct pool_metrics_options){.shards = 1}) != POOL_OK)
        return 2;
    for (int i = 0; i < 2; i++)
        pthread_create(&threads[i], NULL, come_and_go, &counters[i]);
    pthread_create(&threads[2], NULL, scrape, NULL);
    for (int i = 0; i < 3; i++)
        pthread_join(threads[i], NULL);
    assert(counters[0] == counters[1] && pool_counter_read(counters[0]) == 2);
    pool_metrics_destroy(metrics);
    return 0;
}
