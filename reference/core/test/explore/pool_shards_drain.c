/* Shows: a thread submits to a pool with shards while another drains it. Whatever the schedule, what was
 * accepted has run when the drain returns, and what was refused has not.
 *
 *     deepend explore reference/core/test/explore/pool_shards_drain.c reference/core/pool*.c
 *         reference/core/deque.c reference/core/segments.c reference/core/status.c --cflags -Ireference/core
 *         --schedules 1500
 *
 *     broken reference/core/pool_stop.c wrong-result: s/(void)pool_shards_look(pool);/;/
 *     broken reference/core/pool_shards.c wrong-result: /^size_t pool_shards_look/,/^}/{/pushing/d}
 *     broken reference/core/pool_shards.c wrong-result: s/if (atomic_load_explicit(&pool->closed, memory_order_relaxed))/if (0)/
 */
#include "pool.h"
#include <assert.h>
#include <pthread.h>
#include <stdatomic.h>

static struct pool *pool;
static atomic_int ran;

static void work(void *unused)
{
    (void)unused;
    atomic_fetch_add(&ran, 1);
}

static void *submitter(void *accepted)
{
    *(int *)accepted = pool_submit(pool, work, NULL) == POOL_OK;
    return NULL;
}

int main(void)
{
    struct pool_options options = {.workers = 1, .queue = POOL_UNBOUNDED, .shards = 1, .batch = 2};
    pthread_t other;
    int accepted = 0;

    if (pool_create(&pool, &options) != POOL_OK || pthread_create(&other, NULL, submitter, &accepted) != 0)
        return 2;
    assert(pool_drain(pool) == POOL_OK);
    int ran_by_then = ran;
    pthread_join(other, NULL);
    assert(ran_by_then == accepted && ran == accepted);
    assert(pool_counts(pool).completed == (unsigned long long)accepted);
    pool_destroy(pool);
    return 0;
}
