/* Shows: while a pool of three is told to become one, and one of its tasks leaves its thread, no task is lost
 * and one worker is left (X40: never fewer).
 *
 *     deepend explore reference/core/test/explore/pool_resize.c reference/core/pool*.c
 *         reference/core/deque.c reference/core/segments.c reference/core/status.c --cflags -Ireference/core
 */
#include "pool_control.h"
#include <assert.h>
#include <pthread.h>
#include <stdatomic.h>

static atomic_uint ran;

static void work(void *unused)
{
    (void)unused;
    atomic_fetch_add(&ran, 1);
}

static void leave(void *unused)
{
    work(unused);
    pthread_exit(NULL);
}

int main(void)
{
    struct pool_options options = {.workers = 3, .capacity = 4};
    struct pool *pool;

    if (pool_create(&pool, &options) != POOL_OK || pool_submit(pool, leave, NULL) != POOL_OK ||
        pool_resize(pool, 1) != POOL_OK || pool_submit(pool, work, NULL) != POOL_OK)
        return 2;
    if (pool_wait_idle(pool, NULL) != POOL_OK)
        return 2;
    struct pool_counts now = pool_counts(pool);
    assert(ran == 2 && now.completed == 1 && now.failed == 1 && now.exited == 1);
    assert(now.workers >= 1);
    pool_destroy(pool);
    return 0;
}
