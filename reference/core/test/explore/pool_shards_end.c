/* Shows: a thread submits to a pool with shards while another ends it and frees it as soon as the task has
 * told it so. Whatever the schedule, what was accepted has run or was discarded, and the submitter does not
 * touch the pool any more.
 *
 *     deepend explore reference/core/test/explore/pool_shards_end.c reference/core/pool*.c
 *         reference/core/deque.c reference/core/segments.c reference/core/status.c --cflags -Ireference/core
 *
 *     broken reference/core/pool_workers.c deadlock: s/if ((me->deque || me->pool->shards) && /if (me->deque \&\& /
 *     broken reference/core/pool_submit.c misuse|invalid-memory: s/ && atomic_load_explicit(&pool->callers, memory_order_relaxed) == 0 &&/ \&\&/
 *     broken reference/core/pool_shards.c deadlock: /^static void call/,/^}/s/    pool_leave_locked(pool);/;/
 *     broken reference/core/pool_shards.c race|invalid-memory: s/calls = to_be_called.*;$/;/;s/^    if (calls > 0)/    if (pushed > 0) calls = to_be_called(pool, pushed);if (calls > 0)/
 */
#include "pool.h"
#include <assert.h>
#include <pthread.h>
#include <semaphore.h>

static struct pool *pool;
static sem_t told;

static void tell(void *unused)
{
    (void)unused;
    sem_post(&told);
}

static void *submitter(void *unused)
{
    (void)unused;
    assert(pool_submit(pool, tell, NULL) == POOL_OK);
    return NULL;
}

int main(void)
{
    struct pool_options options = {.workers = 1, .queue = POOL_UNBOUNDED, .shards = 2, .batch = 2};
    pthread_t other;

    sem_init(&told, 0, 0);
    if (pool_create(&pool, &options) != POOL_OK || pthread_create(&other, NULL, submitter, NULL) != 0)
        return 2;
    sem_wait(&told);
    pool_destroy(pool); /* its submit may not have returned */
    pthread_join(other, NULL);
    sem_destroy(&told);
    return 0;
}
