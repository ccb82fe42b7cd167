/* pool_stop.c - how a pool ends: stop, drain, drain with a deadline, destroy; and how one waits for quiet.
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

/* What may be done without the lock follows from phase, pause and size. */
void pool_publish_locked(struct pool *pool)
{
    bool halt = pool->paused || pool->phase >= PHASE_STOPPING || pool->alive > pool->wanted;

    assert(lock_is_mine(&pool->lock));
    atomic_store_explicit(&pool->closed, pool->phase != PHASE_OPEN, memory_order_release);
    atomic_store_explicit(&pool->halt, halt, memory_order_release);
    pool_count_callable_locked(pool);
}

void pool_set_paused_locked(struct pool *pool, bool paused)
{
    pool->paused = paused;
    pool_publish_locked(pool);
    if (paused)
        return;
    bell_ring_all(&pool->resumed);
    pool_call_locked(pool, pool_left_over(pool));
}

/* Move on to PHASE, never back. Everybody who sleeps for work or for room must look again. */
static void close_locked(struct pool *pool, enum phase phase)
{
    assert(lock_is_mine(&pool->lock));
    if (pool->phase >= phase)
        return;
    bool resumes = pool->paused && phase == PHASE_DRAINING;
    pool->phase = phase;
    pool->paused = false;
    pool_publish_locked(pool);
    (void)pool_shards_look(pool); /* who pushes after this sees that the pool is closed */
    bell_ring_all(&pool->naps);
    bell_ring_all(&pool->resumed);
    bell_ring_all(&pool->room);
    pool_call_all_locked(pool);
    if (resumes) /* who left in the pause has not been replaced */
        pool_call_locked(pool, pool_left_over(pool));
}

/* Throw JOB out. The lock is dropped for the discard function, and this thread counts as a visitor. */
static void discard_one_locked(struct pool *pool, struct pool_item job)
{
    pool->discarded++;
    pool->visitors++;
    lock_drop(&pool->lock);
    pool_discard(pool, job);
    pool_enter(pool);
    pool_settle_locked(job, POOL_DISCARDED);
    pool->visitors--;
    pool_quiet_locked(pool);
    pool_leave_locked(pool);
}

static bool take_any_locked(struct pool *pool, struct pool_item *job)
{
    if (queue_is_empty(&pool->queue))
        return pool_steal_any_locked(pool, job);
    *job = queue_pop(&pool->queue);
    return true;
}

/* Several threads may do this at once, each with jobs of its own: since the phase is STOPPING, no worker
 * takes one from the queue, and hands and deques give each job to one. Returns how many this thread threw
 * out. */
static size_t discard_all_locked(struct pool *pool)
{
    struct pool_item job;
    size_t count = 0;

    assert(lock_is_mine(&pool->lock));
    for (; take_any_locked(pool, &job); count++)
        discard_one_locked(pool, job);
    return count;
}

/* Wait until workers and visitors have left, or no worker is left for what waits: one of the visitors may be
 * there for that (its ticket, quiet), and goes only when it has been discarded. ETIMEDOUT: neither was so
 * when DEADLINE passed (NULL: none).
 *
 * No ring is missed: both become true only where `alive` or `visitors` falls, and all of these places end in
 * pool_leave_locked. Jobs cannot come to be left over otherwise, since after OPEN only a worker that is alive
 * pushes, to its own deque. One ring is enough, though several ends may sleep here: who is woken finds it
 * true, or somebody took the lock before and undid it, as a visitor or by a new worker, and rings when that
 * one goes. Who is late looks once more, so it does not take a ring with it. */
static int await_exit_locked(struct pool *pool, const struct timespec *deadline)
{
    int late = 0;
    while (!pool_is_left_locked(pool)) {
        if (late)
            return late;
        late = bell_wait(&pool->ended, deadline);
    }
    return 0;
}

static bool discard_leftovers_locked(struct pool *pool)
{
    size_t count = discard_all_locked(pool);
    pool->stuck = pool->stuck || (count > 0 && pool->phase == PHASE_DRAINING);
    return count > 0;
}

/* All threads of the pool that nobody has joined yet. No lock: nobody else touches seats or leaver now. */
static void join_workers(struct pool *pool)
{
    if (pool->leaver_waits)
        must(pthread_join(pool->leaver, NULL));
    for (unsigned i = 0; i < pool->options.ceiling; i++)
        if (pool->workers[i].seat == SEAT_LEFT)
            must(pthread_join(pool->workers[i].thread, NULL));
}

/* Wait for the end and see to it that the workers are joined, by this thread or another. Jobs are left over
 * if the last worker was torn away and not replaced, or if a task was submitting to its own deque in the
 * moment of a stop. */
static void await_end_locked(struct pool *pool)
{
    do
        await_exit_locked(pool, NULL);
    while (discard_leftovers_locked(pool));
    if (pool->phase < PHASE_JOINING) {
        pool->phase = PHASE_JOINING;
        lock_drop(&pool->lock);
        join_workers(pool);
        pool_enter(pool);
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
    pool_enter(pool);
    close_locked(pool, how);
    if (how == PHASE_STOPPING)
        discard_all_locked(pool);
    await_end_locked(pool);
    enum pool_status status = how == PHASE_DRAINING && pool->stuck ? POOL_NO_THREAD : POOL_OK;
    lock_drop(&pool->lock);
    return status;
}

enum pool_status pool_stop(struct pool *pool)
{
    return end(pool, PHASE_STOPPING);
}

enum pool_status pool_drain(struct pool *pool)
{
    return end(pool, PHASE_DRAINING);
}

static size_t tally_running(const struct tally *tally)
{
    unsigned long long ended = atomic_load_explicit(&tally->completed, memory_order_acquire) +
                               atomic_load_explicit(&tally->failed, memory_order_acquire);
    return (size_t)(atomic_load_explicit(&tally->begun, memory_order_acquire) - ended);
}

static size_t running_locked(const struct pool *pool)
{
    size_t running = tally_running(&pool->outside);
    for (unsigned i = 0; i < pool->options.ceiling; i++)
        running += tally_running(&pool->workers[i].tally);
    return running;
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
    pool_enter(pool);
    close_locked(pool, PHASE_DRAINING);
    int late = await_exit_locked(pool, deadline);
    *left = (struct pool_leftover){.discarded = pool_left_over(pool), .running = running_locked(pool)};
    if (late && (left->discarded > 0 || left->running > 0)) {
        status = POOL_TIMED_OUT;
        close_locked(pool, PHASE_STOPPING);
        left->discarded = discard_all_locked(pool); /* another drain that is late may have had some */
    } else {
        await_end_locked(pool); /* nothing is left to run: who has not left is on the way out */
        *left = (struct pool_leftover){0};
        status = pool->stuck ? POOL_NO_THREAD : POOL_OK;
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
    pool_free(pool);
}

/* --- quiet ---------------------------------------------------------------------------------------------- */

enum pool_status pool_wait_idle(struct pool *pool, const struct timespec *deadline)
{
    int late = 0;

    if (!pool || (deadline && !deadline_is_valid(deadline)))
        return POOL_INVALID;
    if (pool_inside(pool))
        return POOL_WOULD_DEADLOCK;
    pool_enter(pool);
    pool->visitors++;
    pool_revive_locked(pool);
    while (!pool_is_quiet_locked(pool) && !late)
        late = bell_wait(&pool->quiet, deadline);
    enum pool_status status = pool_is_quiet_locked(pool) ? POOL_OK : POOL_TIMED_OUT;
    pool->visitors--;
    pool_leave_locked(pool);
    lock_drop(&pool->lock);
    return status;
}
