/* pool_submit.c - how a job comes in: the submits, and what they do when the queue is full.
 *
 * All submits are attempts under the lock, admit_locked. They differ in what they do when that finds the
 * queue full: answer, wait, throw something out, or run the job themselves.
 *
 * A submit from one of the pool's workers with POOL_INNER_OWN takes no lock: pool_own_push, in pool_steal.c. In
 * a pool with shards all others go to one of them, and not to the queue: pool_shards.c.
 */
#include "pool_inside.h"

/* Who is about to call a worker may bring one yet; other visitors may wait for what nobody will run. */
bool pool_is_left_locked(const struct pool *pool)
{
    return pool->alive == 0 && atomic_load_explicit(&pool->callers, memory_order_relaxed) == 0 &&
           (pool->visitors == 0 || pool_left_over(pool) > 0);
}

void pool_leave_locked(struct pool *pool)
{
    assert(lock_is_mine(&pool->lock));
    if (pool_is_left_locked(pool))
        bell_ring(&pool->ended); /* one is enough: it joins the workers, then rings for the others */
}

/* --- one attempt ---------------------------------------------------------------------------------------- */

/* May a job come in? A pool without any worker must get one first, or nobody would ever run it. */
static inline enum pool_status door_locked(struct pool *pool)
{
    if (pool->phase != PHASE_OPEN)
        return POOL_STOPPED;
    if (queue_is_full(&pool->queue))
        return POOL_FULL;
    return pool->alive > 0 ? POOL_OK : pool_worker_start_locked(pool);
}

/* Inlined into each submit: with the mutex at 13 ns and all the rest at 11, a call more shows. */
#define POOL_HOT static inline __attribute__((always_inline))

/* The job is queued, or the pool takes no more, or there is no room. */
POOL_HOT enum pool_status admit_locked(struct pool *pool, struct pool_item job)
{
    assert(lock_is_mine(&pool->lock));
    bool came = pool->alive == 0; /* then the door starts one, who is called by that */
    enum pool_status status = door_locked(pool);
    if (status == POOL_OK)
        status = queue_push(&pool->queue, job);
    if (status != POOL_OK)
        return status;
    pool->submitted++;
    pool_call_locked(pool, came ? 0 : 1);
    return POOL_OK;
}

/* Attempts, until one ends otherwise than for want of room or DEADLINE has passed (NULL: none). The attempt
 * after the deadline matters: the ring for a free slot may have come to this thread, and nobody else would
 * hear of that slot. */
static enum pool_status wait_for_room_locked(struct pool *pool, struct pool_item job,
                                             const struct timespec *deadline)
{
    enum pool_status status;
    int late = 0;

    pool->visitors++;
    while ((status = admit_locked(pool, job)) == POOL_FULL) {
        if (late) {
            status = POOL_TIMED_OUT;
            break;
        }
        late = bell_wait(&pool->room, deadline);
    }
    pool->visitors--;
    pool_leave_locked(pool);
    return status;
}

/* --- a full queue --------------------------------------------------------------------------------------- */

/* This thread runs JOB, now: it is submitted, begun and ended without having been queued. */
static enum pool_status run_here_locked(struct pool *pool, struct pool_item job)
{
    pool->submitted++;
    pool->busy++;
    pool->visitors++;
    tally_add(&pool->outside.begun);
    lock_drop(&pool->lock);
    enum pool_status status = pool_run_here(pool, job);
    pool_enter(pool);
    tally_add(status == POOL_OK ? &pool->outside.completed : &pool->outside.failed);
    pool_settle_locked(job, status); /* its submitter is this thread, which may look for it */
    pool->visitors--;
    pool->busy--;
    pool_quiet_locked(pool);
    pool_leave_locked(pool);
    return status;
}

/* Throw JOB out; the lock is dropped for its discard function. */
static void drop_locked(struct pool *pool, struct pool_item job)
{
    pool->discarded++;
    pool->dropped++;
    pool->visitors++;
    lock_drop(&pool->lock);
    pool_discard(pool, job);
    pool_enter(pool);
    pool_settle_locked(job, POOL_DISCARDED);
    pool->visitors--;
    pool_quiet_locked(pool);
    pool_leave_locked(pool);
}

/* The place of the oldest is JOB's before anybody else can have it, so the victims are thrown out after. */
static enum pool_status replace_locked(struct pool *pool, struct pool_item job)
{
    struct pool_item oldest = queue_pop(&pool->queue);
    enum pool_status status = queue_push(&pool->queue, job);
    assert(status == POOL_OK); /* only a bounded queue is ever full */
    unsigned long long mine = pool->queue.pushed;

    pool->submitted++;
    pool_call_locked(pool, 1);
    drop_locked(pool, oldest);
    while (pool->options.overflow == POOL_KEEP_LATEST && pool->phase < PHASE_STOPPING &&
           pool->queue.count > 0 && pool->queue.pushed - pool->queue.count + 1 < mine)
        drop_locked(pool, queue_pop(&pool->queue));
    return status;
}

static enum pool_status drop_newest_locked(struct pool *pool, struct pool_item job)
{
    pool->submitted++;
    drop_locked(pool, job);
    return POOL_DISCARDED;
}

static enum pool_status full_locked(struct pool *pool, struct pool_item job, const struct timespec *deadline)
{
    switch (pool->options.overflow) {
    case POOL_REJECT:
        return POOL_FULL;
    case POOL_DROP_OLDEST:
    case POOL_KEEP_LATEST:
        return replace_locked(pool, job);
    case POOL_DROP_NEWEST:
        return drop_newest_locked(pool, job);
    case POOL_CALLER_RUNS:
        (void)run_here_locked(pool, job); /* a failure is counted and told; the submit is none */
        return POOL_OK;
    case POOL_BLOCK:
        break;
    }
    if (!deadline && pool_inside(pool)) {
        if (pool->options.waiting == POOL_WAITING_SLEEPS)
            return POOL_WOULD_DEADLOCK;
        (void)run_here_locked(pool, job);
        return POOL_OK;
    }
    return wait_for_room_locked(pool, job, deadline);
}

static bool is_refusal(enum pool_status status)
{
    return status != POOL_OK && status != POOL_DISCARDED && status != POOL_FAILED;
}

/* --- the submits ---------------------------------------------------------------------------------------- */

POOL_HOT enum pool_status submit_locked(struct pool *pool, struct pool_item job,
                                        const struct timespec *deadline)
{
    enum pool_status status = admit_locked(pool, job);
    if (status == POOL_FULL)
        status = full_locked(pool, job, deadline);
    pool->refused += is_refusal(status);
    return status;
}

/* Into a shard. A refusal is counted under the pool's lock. */
static enum pool_status submit_sharded(struct pool *pool, const struct pool_item *jobs, size_t count,
                                       size_t *taken)
{
    enum pool_status status = pool_shards_push(pool, jobs, count, taken);

    if (status != POOL_OK) {
        pool_enter(pool);
        pool->refused += count - *taken;
        lock_drop(&pool->lock);
    }
    return status;
}

static inline enum pool_status submit(struct pool *pool, struct pool_item job,
                                      const struct timespec *deadline)
{
    if (!pool || !job.run)
        return POOL_INVALID;
    struct worker *me = pool->options.inner == POOL_INNER_OWN ? pool_inside_worker(pool) : NULL;
    if (me && pool_own_push(me, job) == POOL_OK)
        return POOL_OK;
    size_t taken;
    if (pool->shards)
        return submit_sharded(pool, &job, 1, &taken);
    pool_enter(pool);
    enum pool_status status = submit_locked(pool, job, deadline);
    lock_drop(&pool->lock);
    return status;
}

enum pool_status pool_submit(struct pool *pool, pool_task *run, void *arg)
{
    return submit(pool, (struct pool_item){run, arg}, NULL);
}

enum pool_status pool_submit_until(struct pool *pool, pool_task *run, void *arg,
                                   const struct timespec *deadline)
{
    return deadline_is_valid(deadline) ? submit(pool, (struct pool_item){run, arg}, deadline) : POOL_INVALID;
}

enum pool_status pool_submit_job(struct pool *pool, struct pool_job *job, const struct timespec *deadline)
{
    if (!job || !job->run || !job->discard || (deadline && !deadline_is_valid(deadline)))
        return POOL_INVALID;
    return submit(pool, (struct pool_item){pool_run_job, job}, deadline);
}

enum pool_status pool_try_submit(struct pool *pool, pool_task *run, void *arg)
{
    if (!pool || !run)
        return POOL_INVALID;
    if (pool->shards)
        return submit(pool, (struct pool_item){run, arg}, NULL); /* never full */
    pool_enter(pool);
    enum pool_status status = admit_locked(pool, (struct pool_item){run, arg});
    pool->refused += status != POOL_OK;
    lock_drop(&pool->lock);
    return status;
}

/* Wait for the ticket's job to be settled; the ticket is on this thread's stack. */
static enum pool_status await_ticket_locked(struct pool *pool, struct ticket *ticket)
{
    pool->visitors++;
    while (!ticket->settled)
        bell_wait(&ticket->bell, NULL);
    pool->visitors--;
    pool_leave_locked(pool);
    return ticket->outcome;
}

static enum pool_status submit_ticket_locked(struct pool *pool, struct pool_item job)
{
    size_t taken;

    if (!pool->shards)
        return submit_locked(pool, job, NULL);
    pool->visitors++;
    lock_drop(&pool->lock);
    enum pool_status status = submit_sharded(pool, &job, 1, &taken);
    pool_enter(pool);
    pool->visitors--;
    pool_leave_locked(pool);
    return status;
}

static enum pool_status sleep_for_locked(struct pool *pool, pool_task *run, void *arg)
{
    struct ticket ticket = {.run = run, .arg = arg};

    bell_init(&ticket.bell, &pool->lock);
    enum pool_status status = submit_ticket_locked(pool, (struct pool_item){pool_run_ticket, &ticket});
    if (status == POOL_OK)
        status = await_ticket_locked(pool, &ticket);
    bell_release(&ticket.bell);
    return status;
}

static enum pool_status refuse_locked(struct pool *pool, enum pool_status status)
{
    pool->refused++;
    return status;
}

static enum pool_status submit_wait_locked(struct pool *pool, pool_task *run, void *arg)
{
    bool helps = pool->options.waiting == POOL_WAITING_HELPS, inside = pool_inside(pool);

    if (helps && (inside || !pool->paused))
        return pool->phase == PHASE_OPEN ? run_here_locked(pool, (struct pool_item){run, arg})
                                         : refuse_locked(pool, POOL_STOPPED);
    return inside ? refuse_locked(pool, POOL_WOULD_DEADLOCK) : sleep_for_locked(pool, run, arg);
}

enum pool_status pool_submit_wait(struct pool *pool, pool_task *run, void *arg)
{
    if (!pool || !run)
        return POOL_INVALID;
    pool_enter(pool);
    enum pool_status status = submit_wait_locked(pool, run, arg);
    lock_drop(&pool->lock);
    return status;
}

/* --- many at once --------------------------------------------------------------------------------------- */

/* Returns how many were queued; *WHY is the answer to the first that was not. */
static size_t admit_batch_locked(struct pool *pool, const struct pool_item *tasks, size_t count,
                                 enum pool_status *why)
{
    size_t taken = 0, came = pool->alive == 0;

    while (taken < count && (*why = door_locked(pool)) == POOL_OK &&
           (*why = queue_push(&pool->queue, tasks[taken])) == POOL_OK)
        taken++;
    pool->submitted += taken;
    pool->refused += count - taken;
    pool_call_locked(pool, taken > came ? taken - came : 0);
    return taken;
}

enum pool_status pool_submit_batch(struct pool *pool, const struct pool_item *tasks, size_t count,
                                   size_t *taken)
{
    enum pool_status why = POOL_OK;
    size_t unused;

    taken = taken ? taken : &unused;
    *taken = 0;
    if (!pool || (count > 0 && !tasks))
        return POOL_INVALID;
    for (size_t i = 0; i < count; i++)
        if (!tasks[i].run)
            return POOL_INVALID;
    if (count == 0)
        return POOL_OK;
    if (pool->shards)
        return submit_sharded(pool, tasks, count, taken);
    pool_enter(pool);
    *taken = admit_batch_locked(pool, tasks, count, &why);
    lock_drop(&pool->lock);
    return why;
}
