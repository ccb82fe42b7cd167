/* Shows: who stands behind a waiter that gives up is let in by that, whatever comes first; and permits keep
 * two threads apart.
 *
 *     deepend explore reference/coordination/test/explore/semaphore.c reference/coordination/pool_semaphore.c
 *         reference/core/status.c --cflags "-Ireference/core -Ireference/coordination"
 *
 *     broken reference/coordination/pool_semaphore.c deadlock: /timed_out++;/,/}/s/call_next_locked(.*);//
 *     broken reference/coordination/pool_semaphore.c deadlock|wrong-result: s/while (place.status == POOL_EMPTY && !late)/if (place.status == POOL_EMPTY)/
 *     broken reference/coordination/pool_semaphore.c wrong-result: s/weight <= semaphore->size - semaphore->held/true/
 */
#include "pool_semaphore.h"
#include <assert.h>
#include <pthread.h>

static struct pool_semaphore *permits;
static int written; /* not atomic: who has both permits is alone */

/* Main holds one of the two until this has ended: it can only give up. */
static void *ask_for_both(void *unused)
{
    struct timespec soon;
    clock_gettime(CLOCK_MONOTONIC, &soon);
    enum pool_status status = pool_semaphore_acquire_until(permits, 2, &soon);
    assert(status == POOL_TIMED_OUT);
    return unused;
}

static void *ask_for_one(void *unused)
{
    if (pool_semaphore_acquire(permits, 1) == POOL_OK)
        pool_semaphore_release(permits, 1);
    return unused;
}

static void *alone(void *unused)
{
    if (pool_semaphore_acquire(permits, 2) == POOL_OK) {
        written++;
        pool_semaphore_release(permits, 2);
    }
    return unused;
}

static void two(void *(*first)(void *), void *(*second)(void *))
{
    pthread_t threads[2];
    pthread_create(&threads[0], NULL, first, NULL);
    pthread_create(&threads[1], NULL, second, NULL);
    for (int i = 0; i < 2; i++)
        pthread_join(threads[i], NULL);
}

int main(void)
{
    if (pool_semaphore_create(&permits, 2) != POOL_OK || pool_semaphore_try(permits, 1) != POOL_OK)
        return 2;
    two(ask_for_both, ask_for_one);
    pool_semaphore_release(permits, 1);
    two(alone, alone);
    assert(written == 2 && pool_semaphore_counts(permits).held == 0);
    pool_semaphore_destroy(permits);
    return 0;
}
