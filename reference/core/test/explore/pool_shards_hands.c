/* Shows: four tasks come at once to a pool with one shard, and the first ends only when the second has run, which
 * may lie in the same worker's hand by then. Whatever the schedule, the other worker comes, finds it there, and
 * neither takes from the shard while somebody looks into it.
 *
 *     deepend explore reference/core/test/explore/pool_shards_hands.c reference/core/pool*.c
 *         reference/core/deque.c reference/core/segments.c reference/core/status.c --cflags -Ireference/core
 *         --schedules 1500
 *
 *     broken reference/core/pool_shards.c race: /^size_t pool_shards_look/,/^}/{/popping/d}
 */
#include "pool.h"
#include <assert.h>
#include <pthread.h>
#include <semaphore.h>

static sem_t second;

static void wait_for_second(void *unused)
{
    (void)unused;
    sem_wait(&second);
}

static void be_second(void *unused)
{
    (void)unused;
    sem_post(&second);
}

static void nothing(void *unused)
{
    (void)unused;
}

int main(void)
{
    struct pool_options options = {.workers = 2, .queue = POOL_UNBOUNDED, .shards = 1, .batch = 4};
    struct pool_item tasks[] = {{wait_for_second, NULL}, {be_second, NULL}, {nothing, NULL}, {nothing, NULL}};
    struct pool *pool;
    size_t taken;

    sem_init(&second, 0, 0);
    if (pool_create(&pool, &options) != POOL_OK)
        return 2;
    assert(pool_submit_batch(pool, tasks, 4, &taken) == POOL_OK && taken == 4);
    assert(pool_drain(pool) == POOL_OK);
    assert(pool_counts(pool).completed == 4);
    pool_destroy(pool);
    sem_destroy(&second);
    return 0;
}
