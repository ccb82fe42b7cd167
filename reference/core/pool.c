/* pool.c - the life of a job: submitters queue it, a worker runs it. And the birth of the pool.
 *
 * One lock guards everything that changes. The submits are one attempt under it, admit_locked, and differ in
 * what they do when that finds the queue full. A worker holds it only between two jobs: in one critical
 * section it books the job that it has run and takes the next.
 *
 * How a pool ends is told in pool_stop.c. Not here: growing, priorities, results; README.md has the whole
 * list.
 */
#include "pool_inside.h"

/* --- who is inside ------------------------------------------------------------------------------------ */

static _Thread_local const struct inside *innermost;

void pool_inside_enter(struct inside *frame, const struct pool *pool)
{
    *frame = (struct inside){.pool = pool, .outer = innermost};
    innermost = frame;
}

void pool_inside_leave(const struct inside *frame)
{
    assert(innermost == frame);
    innermost = frame->outer;
}

bool pool_inside(const struct pool *pool)
{
    for (const struct inside *frame = innermost; frame; frame = frame->outer)
        if (frame->pool == pool)
            return true;
    return false;
}

void pool_leave_locked(struct pool *pool)
{
    assert(lock_is_mine(&pool->lock));
    if (pool->alive == 0 && pool->visitors == 0)
        bell_ring(&pool->ended); /* one is enough: it joins the workers, then rings for the others */
}

/* --- submit ------------------------------------------------------------------------------------------- */

/* One attempt: the job is queued, or the pool takes no more, or there is no room. */
static enum pool_status admit_locked(struct pool *pool, struct job job)
{
    assert(lock_is_mine(&pool->lock));
    if (pool->phase != PHASE_OPEN)
        return POOL_STOPPED;
    if (queue_is_full(&pool->queue))
        return POOL_FULL;
    queue_push(&pool->queue, job);
    pool->submitted++;
    bell_ring(&pool->work);
    return POOL_OK;
}

/* Attempts, until one ends otherwise than for want of room or DEADLINE has passed (NULL: none). The attempt
 * after the deadline matters: the ring for a free slot may have come to this thread, and nobody else would
 * hear of that slot. */
static enum pool_status admit_patiently_locked(struct pool *pool, struct job job,
                                               const struct timespec *deadline)
{
    enum pool_status status;
    int late = 0;

    while ((status = admit_locked(pool, job)) == POOL_FULL) {
        if (late)
            return POOL_TIMED_OUT;
        if (!deadline && pool_inside(pool))
            return POOL_WOULD_DEADLOCK;
        late = bell_wait(&pool->room, deadline);
    }
    return status;
}

static void visit_begin(struct pool *pool)
{
    lock_take(&pool->lock);
    pool->visitors++;
}

/* The submitter's last touch of the pool. ADMITTED: what came of the attempts to queue its job. */
static void visit_end(struct pool *pool, enum pool_status admitted)
{
    if (admitted != POOL_OK)
        pool->refused++;
    pool->visitors--;
    pool_leave_locked(pool);
    lock_drop(&pool->lock);
}

enum pool_status pool_try_submit(struct pool *pool, pool_task *run, void *arg)
{
    if (!pool || !run)
        return POOL_INVALID;
    visit_begin(pool);
    enum pool_status status = admit_locked(pool, (struct job){run, arg, NULL});
    visit_end(pool, status);
    return status;
}

static enum pool_status submit(struct pool *pool, pool_task *run, void *arg, const struct timespec *deadline)
{
    if (!pool || !run)
        return POOL_INVALID;
    visit_begin(pool);
    enum pool_status status = admit_patiently_locked(pool, (struct job){run, arg, NULL}, deadline);
    visit_end(pool, status);
    return status;
}

enum pool_status pool_submit(struct pool *pool, pool_task *run, void *arg)
{
    return submit(pool, run, arg, NULL);
}

enum pool_status pool_submit_until(struct pool *pool, pool_task *run, void *arg,
                                   const struct timespec *deadline)
{
    return deadline_is_valid(deadline) ? submit(pool, run, arg, deadline) : POOL_INVALID;
}

void pool_run_job(void *arg)
{
    struct pool_job *job = arg;
    job->run(job);
}

enum pool_status pool_submit_job(struct pool *pool, struct pool_job *job, const struct timespec *deadline)
{
    if (!job || !job->run || !job->discard || (deadline && !deadline_is_valid(deadline)))
        return POOL_INVALID;
    return submit(pool, pool_run_job, job, deadline);
}

enum pool_status pool_submit_wait(struct pool *pool, pool_task *run, void *arg)
{
    if (!pool || !run)
        return POOL_INVALID;

    struct ticket ticket = {.settled = false};
    enum pool_status admitted = POOL_WOULD_DEADLOCK;
    bell_init(&ticket.bell, &pool->lock);
    visit_begin(pool);
    if (!pool_inside(pool))
        admitted = admit_patiently_locked(pool, (struct job){run, arg, &ticket}, NULL);
    while (admitted == POOL_OK && !ticket.settled)
        bell_wait(&ticket.bell, NULL);
    visit_end(pool, admitted);
    bell_release(&ticket.bell);
    return admitted == POOL_OK ? ticket.outcome : admitted;
}

/* --- the workers -------------------------------------------------------------------------------------- */

void pool_settle_locked(struct ticket *ticket, enum pool_status outcome)
{
    if (!ticket)
        return;
    ticket->outcome = outcome;
    ticket->settled = true;
    bell_ring(&ticket->bell);
}

/* Wait for a job and take it. False: there will be no more for any worker. */
static bool take_locked(struct pool *pool, struct job *job)
{
    assert(lock_is_mine(&pool->lock));
    while (queue_is_empty(&pool->queue) && pool->phase == PHASE_OPEN)
        bell_wait(&pool->work, NULL);
    if (queue_is_empty(&pool->queue) || pool->phase >= PHASE_STOPPING)
        return false;
    *job = queue_pop(&pool->queue);
    pool->running++;
    bell_ring(&pool->room);
    return true;
}

static void *worker_main(void *arg)
{
    struct pool *pool = arg;
    struct inside frame;
    struct job job;

    pool_inside_enter(&frame, pool);
    lock_take(&pool->lock);
    while (take_locked(pool, &job)) {
        lock_drop(&pool->lock);
        job.run(job.arg);
        lock_take(&pool->lock);
        pool->running--;
        pool->completed++;
        pool_settle_locked(job.ticket, POOL_OK);
    }
    pool->alive--;
    pool_leave_locked(pool);
    lock_drop(&pool->lock);
    pool_inside_leave(&frame);
    return NULL;
}

/* --- create ------------------------------------------------------------------------------------------- */

static bool options_are_valid(const struct pool_options *options)
{
    return options && options->workers >= 1 && options->workers <= POOL_MAX_WORKERS &&
           queue_capacity_is_valid(options->capacity);
}

/* A pool without threads. NULL: out of memory. */
static struct pool *pool_new(const struct pool_options *options)
{
    struct pool *pool = calloc(1, sizeof *pool + options->workers * sizeof pool->threads[0]);
    if (!pool)
        return NULL;
    if (!queue_init(&pool->queue, options->capacity)) {
        free(pool);
        return NULL;
    }
    pool->discard = options->discard;
    pool->phase = PHASE_OPEN;
    lock_init(&pool->lock);
    bell_init(&pool->work, &pool->lock);
    bell_init(&pool->room, &pool->lock);
    bell_init(&pool->ended, &pool->lock);
    return pool;
}

/* The workers are counted before they exist: nobody who waits for the last one overlooks one that only
 * starts. */
static enum pool_status start_workers(struct pool *pool, unsigned count)
{
    pool->alive = count;
    while (pool->workers < count) {
        if (pthread_create(&pool->threads[pool->workers], NULL, worker_main, pool) != 0) {
            lock_take(&pool->lock);
            pool->alive -= count - pool->workers;
            lock_drop(&pool->lock);
            return POOL_NO_THREAD;
        }
        pool->workers++;
    }
    return POOL_OK;
}

enum pool_status pool_create(struct pool **pool, const struct pool_options *options)
{
    if (!pool)
        return POOL_INVALID;
    *pool = NULL;
    if (!options_are_valid(options))
        return POOL_INVALID;
    struct pool *made = pool_new(options);
    if (!made)
        return POOL_NO_MEMORY;
    enum pool_status status = start_workers(made, options->workers);
    if (status == POOL_OK)
        *pool = made;
    else
        pool_destroy(made); /* joins those that did start */
    return status;
}

/* --- small things ------------------------------------------------------------------------------------- */

struct pool_counts pool_counts(struct pool *pool)
{
    struct pool_counts counts = {0};
    if (!pool)
        return counts;
    lock_take(&pool->lock);
    counts = (struct pool_counts){
        .queued = pool->queue.count,
        .running = pool->running,
        .submitted = pool->submitted,
        .completed = pool->completed,
        .discarded = pool->discarded,
        .refused = pool->refused,
    };
    lock_drop(&pool->lock);
    return counts;
}

struct timespec pool_deadline_after(long milliseconds)
{
    enum { SECOND = 1000000000 }; /* in nanoseconds */
    struct timespec deadline;
    clock_gettime(CLOCK_MONOTONIC, &deadline);
    long nanoseconds = deadline.tv_nsec + milliseconds % 1000 * 1000000; /* from -SECOND to 2 * SECOND */
    deadline.tv_sec += milliseconds / 1000 + (nanoseconds >= SECOND) - (nanoseconds < 0);
    deadline.tv_nsec = (nanoseconds + SECOND) % SECOND;
    return deadline;
}
