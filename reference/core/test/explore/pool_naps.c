/* Shows: three tasks, of which the last two end only when both run, in a pool that spins and naps; whatever the
 * schedule, who spins or naps comes to them, and the drain lets nobody nap on.
 *
 *     deepend explore reference/core/test/explore/pool_naps.c reference/core/pool*.c
 *         reference/core/deque.c reference/core/segments.c reference/core/status.c --cflags -Ireference/core
 */
#include "pool.h"
#include <assert.h>
#include <pthread.h>
#include <semaphore.h>

static struct pool *pool;
static sem_t first, second;

static void meet_second(void *unused)
{
    (void)unused;
    sem_post(&first);
    sem_wait(&second);
}

static void meet_first(void *unused)
{
    (void)unused;
    sem_post(&second);
    sem_wait(&first);
}

static void work(void *unused)
{
    (void)unused;
}

static void *submitter(void *unused)
{
    (void)unused;
    assert(pool_submit(pool, work, NULL) == POOL_OK);
    assert(pool_submit(pool, meet_second, NULL) == POOL_OK);
    return NULL;
}

int main(void)
{
    struct pool_options options = {
        .workers = 2, .queue = POOL_UNBOUNDED, .shards = 2, .batch = 4, .nap_us = 10, .spin_us = 5};
    pthread_t other;

    sem_init(&first, 0, 0);
    sem_init(&second, 0, 0);
    if (pool_create(&pool, &options) != POOL_OK || pthread_create(&other, NULL, submitter, NULL) != 0)
        return 2;
    assert(pool_submit(pool, meet_first, NULL) == POOL_OK);
    pthread_join(other, NULL);
    assert(pool_drain(pool) == POOL_OK);
    struct pool_counts now = pool_counts(pool);
    assert(now.submitted == 3 && now.completed == 3 && now.queued == 0);
    pool_destroy(pool);
    sem_destroy(&first);
    sem_destroy(&second);
    return 0;
}
