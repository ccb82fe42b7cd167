/* pool_control.c - to hold a pool, to resize it, to look at its workers.
 *
 * A pause is one flag that workers look at before each job; it interrupts nothing. A new size is one number
 * that workers compare with under the lock before they look for a job; whoever is too many leaves.
 */
#include "pool_control.h"
#include "pool_inside.h"

static enum pool_status set_paused(struct pool *pool, bool paused)
{
    enum pool_status status = POOL_OK;

    if (!pool)
        return POOL_INVALID;
    pool_enter(pool);
    if (pool->phase != PHASE_OPEN)
        status = POOL_STOPPED;
    else if (pool->paused == paused)
        status = POOL_ALREADY;
    else
        pool_set_paused_locked(pool, paused);
    lock_drop(&pool->lock);
    return status;
}

enum pool_status pool_pause(struct pool *pool)
{
    return set_paused(pool, true);
}

enum pool_status pool_resume(struct pool *pool)
{
    return set_paused(pool, false);
}

/* Those who have slept longest go first: workers that wait at `call` look at the size when they wake. */
static void wake_surplus_locked(struct pool *pool)
{
    for (size_t i = pool->wanted; i < pool->alive && pool->idle_first; i++)
        pool_call_one_locked(pool->idle_first);
}

static enum pool_status resize_locked(struct pool *pool, unsigned workers)
{
    enum pool_status status = POOL_OK;

    pool->wanted = workers;
    pool_publish_locked(pool);
    wake_surplus_locked(pool);
    if (pool->options.start == POOL_START_LAZY)
        pool_call_locked(pool, pool_left_over(pool));
    while (status == POOL_OK && pool->options.start == POOL_START_NOW && pool->alive < pool->wanted)
        status = pool_worker_start_locked(pool);
    return status;
}

enum pool_status pool_resize(struct pool *pool, unsigned workers)
{
    if (!pool || workers < 1 || workers < pool->options.floor || workers > pool->options.ceiling)
        return POOL_INVALID;
    pool_enter(pool);
    enum pool_status status = pool->phase == PHASE_OPEN ? resize_locked(pool, workers) : POOL_STOPPED;
    lock_drop(&pool->lock);
    return status;
}

static struct pool_worker_info look_at(const struct worker *worker)
{
    return (struct pool_worker_info){
        .index = worker->index,
        .busy = worker->busy,
        .label = atomic_load_explicit(&worker->label, memory_order_relaxed),
        .run = atomic_load_explicit(&worker->running, memory_order_relaxed),
        .since_ns = atomic_load_explicit(&worker->since, memory_order_relaxed),
        .completed = atomic_load_explicit(&worker->tally.completed, memory_order_relaxed),
        .failed = atomic_load_explicit(&worker->tally.failed, memory_order_relaxed),
    };
}

unsigned pool_workers(struct pool *pool, struct pool_worker_info *info, unsigned count)
{
    unsigned there = 0;

    if (!pool)
        return 0;
    pool_enter(pool);
    for (unsigned i = 0; i < pool->options.ceiling; i++)
        if (pool->workers[i].seat == SEAT_TAKEN) {
            if (info && there < count)
                info[there] = look_at(&pool->workers[i]);
            there++;
        }
    lock_drop(&pool->lock);
    return there;
}
