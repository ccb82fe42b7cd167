/* pool.c - the life of a task: a pool is made, jobs come in through the submits, workers run them.
 *
 * One lock guards everything that changes. A worker holds it between two tasks only: it books the task it has
 * run and takes the next in one critical section. All four submits are one attempt under the lock,
 * pool_admit_locked; they differ in what they do when it answers POOL_FULL.
 *
 * How a pool ends is told in pool_stop.c. Not here: growing, priorities, results. See README.md.
 */
#include "pool_inside.h"

const char *pool_status_text(enum pool_status status)
{
    static const char *const texts[] = {
#define X(code, text) [code] = text,
        POOL_STATUSES(X)
#undef X
    };
    return (size_t)status < sizeof texts / sizeof *texts ? texts[status] : "unknown status";
}

struct timespec pool_deadline_after(long milliseconds)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    now.tv_sec += milliseconds / 1000;
    now.tv_nsec += milliseconds % 1000 * 1000000;
    if (now.tv_nsec < 0) {
        now.tv_sec--;
        now.tv_nsec += 1000000000;
    } else if (now.tv_nsec >= 1000000000) {
        now.tv_sec++;
        now.tv_nsec -= 1000000000;
    }
    return now;
}

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

/* --- the workers -------------------------------------------------------------------------------------- */

void pool_tell_if_ended_locked(struct pool *pool)
{
    assert(lock_is_mine(&pool->lock));
    if (pool->alive == 0 && pool->visitors == 0)
        bell_ring_all(&pool->ended, &pool->lock);
}

void pool_settle_locked(struct pool *pool, const struct job *job, enum pool_status outcome)
{
    assert(lock_is_mine(&pool->lock));
    if (!job->ticket)
        return;
    job->ticket->outcome = outcome;
    job->ticket->settled = true;
    bell_ring(&job->ticket->bell, &pool->lock);
}

/* Wait for a job and take it. False: there will be none for this worker any more. */
static bool take_locked(struct pool *pool, struct job *job)
{
    assert(lock_is_mine(&pool->lock));
    while (queue_is_empty(&pool->queue) && pool->phase == PHASE_OPEN)
        bell_wait(&pool->work, &pool->lock, NULL);
    if (queue_is_empty(&pool->queue) || pool->phase >= PHASE_STOPPING)
        return false;
    *job = queue_pop(&pool->queue);
    pool->running++;
    bell_ring(&pool->room, &pool->lock);
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
        pool_settle_locked(pool, &job, POOL_OK);
    }
    pool->alive--;
    pool_tell_if_ended_locked(pool);
    lock_drop(&pool->lock);
    pool_inside_leave(&frame);
    return NULL;
}

/* --- create ------------------------------------------------------------------------------------------- */

static bool options_fit(const struct pool_options *options)
{
    return options && options->workers >= 1 && options->workers <= POOL_MAX_WORKERS &&
           queue_capacity_fits(options->capacity);
}

/* A pool without threads, or NULL: out of memory. */
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
    bell_init(&pool->work);
    bell_init(&pool->room);
    bell_init(&pool->ended);
    return pool;
}

/* The worker is counted before it exists, so that whoever waits for the last one cannot miss one that is
 * still starting. */
static bool start_worker(struct pool *pool)
{
    lock_take(&pool->lock);
    pool->alive++;
    lock_drop(&pool->lock);
    if (pthread_create(&pool->threads[pool->workers], NULL, worker_main, pool) == 0) {
        pool->workers++;
        return true;
    }
    lock_take(&pool->lock);
    pool->alive--;
    lock_drop(&pool->lock);
    return false;
}

enum pool_status pool_create(struct pool **pool, const struct pool_options *options)
{
    if (!pool)
        return POOL_INVALID;
    *pool = NULL;
    if (!options_fit(options))
        return POOL_INVALID;
    struct pool *made = pool_new(options);
    if (!made)
        return POOL_NO_MEMORY;
    for (unsigned i = 0; i < options->workers; i++) {
        if (!start_worker(made)) {
            pool_destroy(made); /* joins those that did start */
            return POOL_NO_THREAD;
        }
    }
    *pool = made;
    return POOL_OK;
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
    bell_ring(&pool->work, &pool->lock);
    return POOL_OK;
}

/* Attempts until it is not for want of room that one fails, or DEADLINE passes (NULL: never). */
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
        late = bell_wait(&pool->room, &pool->lock, deadline);
    }
    return status;
}

static void visit_begin(struct pool *pool)
{
    lock_take(&pool->lock);
    pool->visitors++;
}

/* The submitter's last touch of the pool. ADMITTED: what came of the attempt to queue its job. */
static void visit_end(struct pool *pool, enum pool_status admitted)
{
    if (admitted != POOL_OK)
        pool->refused++;
    pool->visitors--;
    pool_tell_if_ended_locked(pool);
    lock_drop(&pool->lock);
}

enum pool_status pool_try_submit(struct pool *pool, pool_task *run, void *arg)
{
    if (!pool || !run)
        return POOL_INVALID;
    visit_begin(pool);
    enum pool_status status = admit_locked(pool, (struct job){.run = run, .arg = arg});
    visit_end(pool, status);
    return status;
}

enum pool_status pool_submit(struct pool *pool, pool_task *run, void *arg)
{
    if (!pool || !run)
        return POOL_INVALID;
    visit_begin(pool);
    enum pool_status status = admit_patiently_locked(pool, (struct job){.run = run, .arg = arg}, NULL);
    visit_end(pool, status);
    return status;
}

enum pool_status pool_submit_until(struct pool *pool, pool_task *run, void *arg,
                                   const struct timespec *deadline)
{
    if (!pool || !run || !deadline_fits(deadline))
        return POOL_INVALID;
    visit_begin(pool);
    enum pool_status status = admit_patiently_locked(pool, (struct job){.run = run, .arg = arg}, deadline);
    visit_end(pool, status);
    return status;
}

enum pool_status pool_submit_wait(struct pool *pool, pool_task *run, void *arg)
{
    if (!pool || !run)
        return POOL_INVALID;
    struct ticket ticket = {.settled = false};
    bell_init(&ticket.bell);

    visit_begin(pool);
    enum pool_status admitted = POOL_WOULD_DEADLOCK;
    if (!pool_inside(pool))
        admitted = admit_patiently_locked(pool, (struct job){run, arg, &ticket}, NULL);
    while (admitted == POOL_OK && !ticket.settled)
        bell_wait(&ticket.bell, &pool->lock, NULL);
    visit_end(pool, admitted);

    bell_release(&ticket.bell);
    return admitted == POOL_OK ? ticket.outcome : admitted;
}

struct pool_counts pool_counts(struct pool *pool)
{
    if (!pool)
        return (struct pool_counts){0};
    lock_take(&pool->lock);
    struct pool_counts counts = {
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
