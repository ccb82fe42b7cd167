/* Shows: one thread submits tasks to a pool with shards, each when the one before it has run, so that the worker
 * falls asleep meanwhile, or is about to. Whatever the schedule, it comes for each: a push that misses it would be a
 * deadlock.
 *
 *     deepend explore reference/core/test/explore/pool_shards_sleeper.c reference/core/pool*.c
 *         reference/core/deque.c reference/core/segments.c reference/core/status.c --cflags -Ireference/core
 *         --schedules 1000
 *
 *     broken reference/core/pool_shards.c deadlock: /calls = to_be_called/d;s/^    end_enter(&shard->jobs.pushing);/    calls = to_be_called(pool, count);&/
 */
#include "pool.h"
#include <assert.h>
#include <semaphore.h>

enum { TASKS = 6 };

static sem_t told;

static void tell(void *unused)
{
    (void)unused;
    sem_post(&told);
}

int main(void)
{
    struct pool_options options = {.workers = 1, .queue = POOL_UNBOUNDED, .shards = 1, .batch = 2};
    struct pool *pool;

    sem_init(&told, 0, 0);
    if (pool_create(&pool, &options) != POOL_OK)
        return 2;
    for (int i = 0; i < TASKS; i++) {
        assert(pool_submit(pool, tell, NULL) == POOL_OK);
        sem_wait(&told);
    }
    pool_destroy(pool);
    sem_destroy(&told);
    return 0;
}
