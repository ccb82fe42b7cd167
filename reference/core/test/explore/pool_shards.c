/* Shows: two threads submit to a lazy pool with shards, each a task that ends only when the other's runs too,
 * then one drains. Whatever the schedule, both workers come, nothing is lost and nothing comes in late. A push
 * that misses a sleeper would be a deadlock, one that misses the end would be a wrong sum.
 *
 *     deepend explore reference/core/test/explore/pool_shards.c reference/core/pool*.c
 *         reference/core/deque.c reference/core/segments.c reference/core/status.c --cflags -Ireference/core
 *         --schedules 1500
 *
 *     broken reference/core/pool_workers.c deadlock: s/owes = pool->shards != NULL;/owes = false;/
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

static void *submitter(void *unused)
{
    (void)unused;
    assert(pool_submit(pool, meet_second, NULL) == POOL_OK);
    return NULL;
}

int main(void)
{
    struct pool_options options = {
        .workers = 2, .queue = POOL_UNBOUNDED, .shards = 2, .batch = 4, .start = POOL_START_LAZY};
    pthread_t other;

    sem_init(&first, 0, 0);
    sem_init(&second, 0, 0);
    if (pool_create(&pool, &options) != POOL_OK || pthread_create(&other, NULL, submitter, NULL) != 0)
        return 2;
    assert(pool_submit(pool, meet_first, NULL) == POOL_OK);
    pthread_join(other, NULL);
    assert(pool_drain(pool) == POOL_OK);
    struct pool_counts now = pool_counts(pool);
    assert(now.submitted == 2 && now.completed == 2 && now.queued == 0);
    pool_destroy(pool);
    sem_destroy(&first);
    sem_destroy(&second);
    return 0;
}
