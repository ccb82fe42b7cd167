/* Shows: a task that the pool is about to run and a cancel is about to throw out has one fate, and its slot
 * and the counts say which.
 *
 *     deepend explore reference/coordination/test/explore/group_pool.c reference/coordination/group.c
 *         reference/coordination/group_end.c reference/coordination/scope.c reference/core/pool*.c
 *         reference/core/deque.c reference/core/segments.c reference/core/status.c
 *         --cflags "-Ireference/core -Ireference/coordination"
 *
 *     broken reference/coordination/group.c wrong-result|invalid-memory|misuse|race: s/return !atomic_exchange_explicit(&item->claimed, true, memory_order_acq_rel);/bool was = item->claimed; item->claimed = true; return !was;/
 */
#include "group.h"
#include "pool.h"
#include <assert.h>
#include <pthread.h>
#include <stdatomic.h>

static struct pool_group *group;
static atomic_int fates;

static int work(void *unused, struct pool_group *unused_too)
{
    (void)unused, (void)unused_too;
    atomic_fetch_add(&fates, 1);
    return 0;
}

static void discard(void *unused)
{
    (void)unused;
    atomic_fetch_add(&fates, 1);
}

static void *cancel(void *unused)
{
    pool_group_cancel(group);
    return unused;
}

int main(void)
{
    struct pool *pool;
    struct pool_group_slot slot;
    pthread_t thread;

    if (pool_create(&pool, &(struct pool_options){.workers = 1, .capacity = 1}) != POOL_OK)
        return 2;
    struct pool_group_options options = {.pool = pool, .limit = 1, .discard = discard};
    if (pool_group_create(&group, &options) != POOL_OK || pool_group_go(group, work, NULL, &slot) != POOL_OK)
        return 2;
    pthread_create(&thread, NULL, cancel, NULL);
    enum pool_status status = pool_group_wait(group, NULL);
    assert(fates == 1 && (status == POOL_OK || status == POOL_CANCELLED));
    struct pool_group_counts now = pool_group_counts(group);
    assert(slot.status == (now.cancelled == 1 ? POOL_CANCELLED : POOL_OK));
    assert(now.succeeded + now.cancelled == 1);
    pthread_join(thread, NULL);
    pool_group_destroy(group);
    pool_destroy(pool);
    return 0;
}
