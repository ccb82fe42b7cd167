/* pool_stop.c - how a pool ends: stop, drain, drain with a deadline, destroy.
 *
 * Each is made of three steps: close the pool to new jobs (move its phase on), discard what waits (not in a
 * drain), and wait until the last worker and the last visitor have left. The first thread that sees them gone
 * joins the workers; the others wait for it. Every step may be repeated, and may run in several threads at
 * once.
 *
 * Not here: interrupting a running task. Nothing in C can do that safely; a task that may have to end early
 * must ask.
 */
#include "pool_inside.h"

/* Move on to PHASE, never back. Everybody who sleeps for work or for room must look again. */
static void close_locked(struct pool *pool, enum phase phase)
{
    assert(lock_is_mine(&pool->lock));
    if (pool->phase >= phase)
        return;
    pool->phase = phase;
    bell_ring_all(&pool->work);
    bell_ring_all(&pool->room);
}

/* A pool_job has a discard function of its own, for all others it is the pool's. */
static void discard(struct pool *pool, const struct job *job)
{
    if (job->run == pool_run_job)
        ((struct pool_job *)job->arg)->discard(job->arg);
    else if (pool->discard)
        pool->discard(job->arg);
}

/* Throw out the oldest job. The lock is dropped for the discard function, and this thread counts as a
 * visitor. */
static void discard_one_locked(struct pool *pool)
{
    struct job job = queue_pop(&pool->queue);
    struct inside frame;

    pool->discarded++;
    pool->visitors++;
    lock_drop(&pool->lock);
    pool_inside_enter(&frame, pool);
    discard(pool, &job);
    pool_inside_leave(&frame);
    lock_take(&pool->lock);
    pool_settle_locked(job.ticket, POOL_DISCARDED);
    pool->visitors--;
    pool_leave_locked(pool);
}

/* Several threads may do this at once, each with jobs of its own: since the phase is STOPPING, no worker
 * takes one. Returns how many this thread threw out. */
static size_t discard_all_locked(struct pool *pool)
{
    size_t count = 0;

    assert(lock_is_mine(&pool->lock) && pool->phase >= PHASE_STOPPING);
    for (; !queue_is_empty(&pool->queue); count++)
        discard_one_locked(pool);
    return count;
}

/* Wait until workers and visitors have left. ETIMEDOUT: they had not when DEADLINE passed (NULL: none). */
static int await_exit_locked(struct pool *pool, const struct timespec *deadline)
{
    int late = 0;
    while (pool->alive > 0 || pool->visitors > 0) {
        if (late)
            return late;
        late = bell_wait(&pool->ended, deadline);
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
        bell_ring_all(&pool->ended);
    }
    while (pool->phase != PHASE_GONE)
        bell_wait(&pool->ended, NULL);
}

/* HOW: PHASE_STOPPING or PHASE_DRAINING. */
static enum pool_status end(struct pool *pool, enum phase how)
{
    if (!pool)
        return POOL_INVALID;
    if (pool_inside(pool))
        return POOL_WOULD_DEADLOCK;
    lock_take(&pool->lock);
    close_locked(pool, how);
    if (how == PHASE_STOPPING)
        discard_all_locked(pool);
    await_end_locked(pool);
    lock_drop(&pool->lock);
    return POOL_OK;
}

enum pool_status pool_stop(struct pool *pool)
{
    return end(pool, PHASE_STOPPING);
}

enum pool_status pool_drain(struct pool *pool)
{
    return end(pool, PHASE_DRAINING);
}

enum pool_status pool_drain_until(struct pool *pool, const struct timespec *deadline,
                                  struct pool_leftover *left)
{
    struct pool_leftover unused;
    left = left ? left : &unused;
    *left = (struct pool_leftover){0};
    if (!pool || !deadline_is_valid(deadline))
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
        close_locked(pool, PHASE_STOPPING);
        left->discarded = discard_all_locked(pool); /* another drain that is late may have had some */
    } else {
        await_end_locked(pool); /* nothing is left to run: who has not left is on the way out */
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
