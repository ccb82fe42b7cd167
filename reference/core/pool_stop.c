/* pool_stop.c - how a pool ends: stop, drain, drain with a deadline, destroy.
 *
 * All four are made of three steps: close the pool to new jobs (move its phase on), discard what waits (stop
 * only), and wait until the last worker and the last visitor have left. The first thread to see that joins
 * the workers; the others wait for it. Every step may be repeated and may run in several threads at once.
 */
#include "pool_inside.h"

/* Move on to PHASE, never back. Everybody who sleeps for work or room must now look again. */
static void close_locked(struct pool *pool, enum phase phase)
{
    assert(lock_is_mine(&pool->lock));
    if (pool->phase >= phase)
        return;
    pool->phase = phase;
    bell_ring_all(&pool->work, &pool->lock);
    bell_ring_all(&pool->room, &pool->lock);
}

/* Throw out one queued job. The discard function runs without the lock; meanwhile this thread is a visitor.
 */
static void discard_one_locked(struct pool *pool)
{
    struct job job = queue_pop(&pool->queue);
    struct inside frame;

    pool->discarded++;
    pool->visitors++;
    lock_drop(&pool->lock);
    pool_inside_enter(&frame, pool);
    if (pool->discard)
        pool->discard(job.arg);
    pool_inside_leave(&frame);
    lock_take(&pool->lock);
    pool_settle_locked(pool, &job, POOL_DISCARDED);
    pool->visitors--;
    pool_tell_if_ended_locked(pool);
}

/* Close for good and empty the queue. Several threads may do so at once, each with its own jobs. */
static void stop_locked(struct pool *pool)
{
    close_locked(pool, PHASE_STOPPING);
    while (!queue_is_empty(&pool->queue))
        discard_one_locked(pool);
}

/* Wait until workers and visitors have left. ETIMEDOUT: not before DEADLINE (NULL: never). */
static int await_exit_locked(struct pool *pool, const struct timespec *deadline)
{
    int late = 0;
    while (pool->alive > 0 || pool->visitors > 0) {
        if (late)
            return late;
        late = bell_wait(&pool->ended, &pool->lock, deadline);
    }
    return 0;
}

/* Wait for the end and see to it that the workers are joined, by this thread or another. */
static void await_end_locked(struct pool *pool)
{
    await_exit_locked(pool, NULL);
    assert(queue_is_empty(&pool->queue) && pool->running == 0);
    if (pool->phase < PHASE_JOINING) {
        pool->phase = PHASE_JOINING;
        lock_drop(&pool->lock);
        for (unsigned i = 0; i < pool->workers; i++)
            must(pthread_join(pool->threads[i], NULL));
        lock_take(&pool->lock);
        pool->phase = PHASE_GONE;
        bell_ring_all(&pool->ended, &pool->lock);
    }
    while (pool->phase != PHASE_GONE)
        bell_wait(&pool->ended, &pool->lock, NULL);
}

enum pool_status pool_stop(struct pool *pool)
{
    if (!pool)
        return POOL_INVALID;
    if (pool_inside(pool))
        return POOL_WOULD_DEADLOCK;
    lock_take(&pool->lock);
    stop_locked(pool);
    await_end_locked(pool);
    lock_drop(&pool->lock);
    return POOL_OK;
}

enum pool_status pool_drain(struct pool *pool)
{
    if (!pool)
        return POOL_INVALID;
    if (pool_inside(pool))
        return POOL_WOULD_DEADLOCK;
    lock_take(&pool->lock);
    close_locked(pool, PHASE_DRAINING);
    await_end_locked(pool);
    lock_drop(&pool->lock);
    return POOL_OK;
}

enum pool_status pool_drain_until(struct pool *pool, const struct timespec *deadline,
                                  struct pool_leftover *left)
{
    struct pool_leftover unused;
    left = left ? left : &unused;
    *left = (struct pool_leftover){0};
    if (!pool || !deadline_fits(deadline))
        return POOL_INVALID;
    if (pool_inside(pool))
        return POOL_WOULD_DEADLOCK;

    enum pool_status status = POOL_OK;
    lock_take(&pool->lock);
    close_locked(pool, PHASE_DRAINING);
    int late = await_exit_locked(pool, deadline);
    *left = (struct pool_leftover){.discarded = pool->queue.count, .running = pool->running};
    if (late && (left->discarded > 0 || left->running > 0)) {
        status = POOL_TIMED_OUT;
        stop_locked(pool);
    } else {
        await_end_locked(pool); /* at worst idle workers that are on their way out */
    }
    lock_drop(&pool->lock);
    return status;
}

void pool_destroy(struct pool *pool)
{
    if (!pool)
        return;
    enum pool_status stopped = pool_stop(pool);
    assert(stopped == POOL_OK && "pool_destroy was called from one of the pool's own tasks");
    if (stopped != POOL_OK)
        return; /* without assertions: a leak rather than a worker in freed memory */
    bell_release(&pool->ended);
    bell_release(&pool->room);
    bell_release(&pool->work);
    lock_release(&pool->lock);
    queue_release(&pool->queue);
    free(pool);
}
