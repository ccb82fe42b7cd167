/* Shows: two workers with hands and own deques, a submitter outside, tasks that submit, and a stop in the
 * middle: every accepted task runs or is discarded, once, and the books say so.
 *
 *     deepend explore reference/core/test/explore/pool_ledger.c reference/core/pool*.c
 *         reference/core/deque.c reference/core/segments.c reference/core/status.c --cflags -Ireference/core
 */
#include "pool.h"
#include <assert.h>
#include <pthread.h>
#include <stdatomic.h>

static struct pool *pool;
static atomic_uint fates[4], accepted; /* by task: run or discarded */

static void leaf(void *fate)
{
    atomic_fetch_add((atomic_uint *)fate, 1);
}

static void discard(void *fate)
{
    atomic_fetch_add((atomic_uint *)fate, 1);
}

static void offer(pool_task *task, atomic_uint *fate)
{
    if (pool_submit(pool, task, fate) == POOL_OK)
        atomic_fetch_add(&accepted, 1);
    else
        atomic_fetch_add(fate, 1); /* refused: the caller still has it */
}

static void branch(void *fate)
{
    offer(leaf, &fates[3]);
    leaf(fate);
}

static void *submit(void *unused)
{
    offer(branch, &fates[0]);
    offer(leaf, &fates[1]);
    offer(leaf, &fates[2]);
    return unused;
}

int main(void)
{
    struct pool_options options = {
        .workers = 2, .queue = POOL_UNBOUNDED, .batch = 4, .inner = POOL_INNER_OWN, .discard = discard};
    pthread_t submitter;

    if (pool_create(&pool, &options) != POOL_OK)
        return 2;
    if (pthread_create(&submitter, NULL, submit, NULL) != 0)
        return 2;
    pool_stop(pool);
    pthread_join(submitter, NULL);
    for (int i = 0; i < 3; i++)
        assert(fates[i] == 1);
    assert(fates[3] <= 1);
    struct pool_counts now = pool_counts(pool);
    assert(now.submitted == accepted && now.queued + now.running == 0);
    assert(now.submitted == now.completed + now.discarded);
    pool_destroy(pool);
    return 0;
}
