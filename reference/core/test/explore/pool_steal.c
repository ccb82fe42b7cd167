/* Shows: a task submits to its worker's own deque and then waits for what it submitted; whatever the
 * schedule, the other worker is woken and steals it. A push that misses a sleeper would be a deadlock.
 *
 *     deepend explore reference/core/test/explore/pool_steal.c reference/core/pool*.c
 *         reference/core/deque.c reference/core/segments.c reference/core/status.c --cflags -Ireference/core
 */
#include "pool.h"
#include <assert.h>
#include <semaphore.h>

static struct pool *pool;
static sem_t stolen;

static void give(void *unused)
{
    (void)unused;
    sem_post(&stolen);
}

static void take(void *unused)
{
    (void)unused;
    if (pool_submit(pool, give, NULL) == POOL_OK)
        sem_wait(&stolen);
}

int main(void)
{
    struct pool_options options = {.workers = 2, .queue = POOL_UNBOUNDED, .inner = POOL_INNER_OWN};

    sem_init(&stolen, 0, 0);
    if (pool_create(&pool, &options) != POOL_OK || pool_submit(pool, take, NULL) != POOL_OK)
        return 2;
    if (pool_wait_idle(pool, NULL) != POOL_OK)
        return 2;
    assert(pool_counts(pool).completed == 2);
    pool_destroy(pool);
    sem_destroy(&stolen);
    return 0;
}
