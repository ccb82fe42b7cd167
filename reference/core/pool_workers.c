/* pool_workers.c - a worker's life: it begins, finds jobs, runs them, books them, and leaves.
 *
 * In an exact pool a worker takes the lock once for each job: the critical section that books the job it has
 * run also takes the next one. Else it books in its own tally and first looks into its own deque and hand,
 * then into the shards, and comes to the pool's lock when all are empty. Who finds nothing there either spins,
 * naps and rests, in this order and as far as the options say.
 *
 * A task that ends its thread unwinds into `torn_away`, where the job is booked as failed and a new worker
 * takes the seat.
 */
#include "pool_inside.h"

/* A worker's life, on its stack. */
struct shift {
    struct worker *me;
    struct inside frame;
    struct pool_item job;
    bool locked; /* this thread has the pool's lock */
};

/* --- finding -------------------------------------------------------------------------------------------- */

static void mark_busy_locked(struct worker *me)
{
    me->pool->busy += !me->busy;
    me->busy = true;
}

static void mark_free_locked(struct worker *me)
{
    me->pool->busy -= me->busy;
    me->busy = false;
    pool_quiet_locked(me->pool);
}

/* More workers than wanted, or nothing to do for any of them ever again. */
static bool is_over_locked(const struct pool *pool)
{
    return pool->phase >= PHASE_STOPPING || pool->alive > pool->wanted;
}

/* False: this worker has been idle for so long that it may leave. */
static bool sleep_locked(struct worker *me)
{
    struct pool *pool = me->pool;

    while (me->idle) {
        bool expires = pool->options.idle_ms > 0 && pool->alive > pool->options.floor;
        struct timespec end = {0};
        if (expires)
            end = pool_deadline_after((long)pool->options.idle_ms);
        int late = bell_wait(&me->call, expires ? &end : NULL);
        if (late && me->idle && pool->alive > pool->options.floor) {
            pool_idle_leave_locked(me);
            pool->expired++;
            return false;
        }
    }
    atomic_fetch_sub_explicit(&pool->summoned, 1, memory_order_relaxed);
    return true;
}

/* Fall asleep until called; but look once more for jobs in deques and shards, after the step into the idle list. */
static bool rest_locked(struct worker *me)
{
    pool_idle_enter_locked(me);
    if ((me->deque || me->pool->shards) && pool_held(me->pool) > 0) {
        pool_idle_leave_locked(me);
        return true;
    }
    return sleep_locked(me);
}

enum { MOST_NAPS = 4, SECOND = 1000000000 /* in nanoseconds */ };

/* False: not now. With nobody busy it is this worker that must be there to be called. */
static bool nap_locked(struct worker *me, unsigned naps)
{
    struct pool *pool = me->pool;

    if (pool->options.nap_us == 0 || pool->busy == 0 || pool->phase != PHASE_OPEN)
        return false;
    struct timespec end = pool_deadline_after(0);
    end.tv_nsec += ((long)pool->options.nap_us << naps) * 1000;
    end.tv_sec += end.tv_nsec / SECOND;
    end.tv_nsec %= SECOND;
    (void)bell_wait(&pool->naps, &end);
    return true;
}

static bool take_locked(struct worker *me, struct pool_item *job)
{
    return pool_own_take(me, job) || pool_take_queued_locked(me, job) || pool_steal_locked(me, job);
}

/* Wait for a job and take it. False: there is none for this worker any more. */
static bool find_locked(struct worker *me, struct pool_item *job)
{
    struct pool *pool = me->pool;
    bool spun = false, owes = false; /* others were not called on account of this one */
    unsigned naps = 0;

    assert(lock_is_mine(&pool->lock));
    while (!is_over_locked(pool)) {
        if (pool->paused) {
            mark_free_locked(me);
            bell_wait(&pool->resumed, NULL);
            continue;
        }
        if (take_locked(me, job)) {
            mark_busy_locked(me);
            if (owes)
                pool_call_locked(pool, pool_left_over(pool));
            return true;
        }
        mark_free_locked(me);
        if (pool->phase == PHASE_DRAINING)
            return false;
        if (!spun && (spun = owes = pool_spin_locked(me)))
            continue;
        if (naps < MOST_NAPS && nap_locked(me, naps)) {
            naps++;
            continue;
        }
        if (!rest_locked(me))
            return false;
        naps = 0;
        spun = false;
        owes = pool->shards != NULL;
    }
    return false;
}

/* --- running -------------------------------------------------------------------------------------------- */

static void note_begin(struct worker *me, struct pool_item job)
{
    struct timespec now = pool_deadline_after(0);
    unsigned long long time = (unsigned long long)now.tv_sec * 1000000000u + (unsigned long long)now.tv_nsec;
    bool ticket = job.run == pool_run_ticket;

    atomic_store_explicit(&me->since, time, memory_order_relaxed);
    atomic_store_explicit(&me->running, ticket ? ((struct ticket *)job.arg)->run : job.run,
                          memory_order_relaxed);
}

static void note_end(struct worker *me)
{
    atomic_store_explicit(&me->running, NULL, memory_order_relaxed);
    atomic_store_explicit(&me->label, NULL, memory_order_relaxed);
    atomic_store_explicit(&me->since, 0, memory_order_relaxed);
}

/* Run the shift's job and book it. An exact pool books under the lock, and a job that somebody waits for is
 * settled there: then the lock is kept, to look for the next job. */
static void run(struct shift *shift)
{
    struct worker *me = shift->me;
    struct pool *pool = me->pool;
    bool notes = pool->options.notes == POOL_NOTES_ON;

    if (notes)
        note_begin(me, shift->job);
    shift->job.run(shift->job.arg);
    int code = shift->frame.code;
    if (code != 0) {
        pool_report_failure(pool, shift->job, code, 0);
        shift->frame.code = 0;
    }
    if (notes)
        note_end(me);
    if (pool->exact || shift->job.run == pool_run_ticket) {
        pool_enter(pool);
        shift->locked = true;
    }
    tally_add(code == 0 ? &me->tally.completed : &me->tally.failed);
    if (shift->locked)
        pool_settle_locked(shift->job, code == 0 ? POOL_OK : POOL_FAILED);
}

/* Ends with the lock held. */
static void work(struct shift *shift)
{
    struct worker *me = shift->me;

    for (;;) {
        if (shift->locked || !pool_own_take(me, &shift->job)) {
            if (!shift->locked)
                pool_enter(me->pool);
            shift->locked = true;
            if (!find_locked(me, &shift->job))
                return;
            shift->locked = false;
            lock_drop(&me->pool->lock);
        }
        run(shift);
    }
}

/* --- beginning and leaving ------------------------------------------------------------------------------ */

/* What a worker has to do after it has given up its seat, without the lock. */
struct farewell {
    void *state;      /* for worker_stop */
    bool joins;       /* this thread: */
    pthread_t before; /* the one that left before */
};

/* Give up the seat, in the critical section in which it was decided to leave: so that never one too many
 * leaves (X40). Whoever leaves a seat empty joins the one that did so before, so at most one such thread is
 * left for the end to join. */
static struct farewell leave_locked(struct worker *me, enum seat seat)
{
    struct pool *pool = me->pool;
    struct farewell farewell = {.state = me->state};

    mark_free_locked(me);
    pool->alive--;
    pool_publish_locked(pool);
    me->state = NULL;
    me->seat = seat;
    if (seat == SEAT_EMPTY) {
        farewell.joins = pool->leaver_waits;
        farewell.before = pool->leaver;
        pool->leaver = pthread_self();
        pool->leaver_waits = true;
    }
    return farewell;
}

/* The pool is to have all its workers, with or without work. */
static bool is_kept_full(const struct pool *pool)
{
    return pool->phase == PHASE_OPEN && pool->options.start == POOL_START_NOW && pool->options.idle_ms == 0;
}

/* With the lock held; drops it. This thread is not counted any more, but whoever ends the pool joins it
 * before the pool goes. BEGUN: its worker_start has succeeded. */
static void leave(struct shift *shift, enum seat seat, bool begun)
{
    struct pool *pool = shift->me->pool;
    struct farewell farewell = leave_locked(shift->me, seat);
    size_t work = pool_left_over(pool);

    shift->frame.worker = NULL; /* the seat and its deque may be another's from now on */
    if (work > 0 && begun && pool->phase < PHASE_STOPPING)
        pool_call_locked(pool, work); /* it left with a full hand, or as the last */
    else if (begun && is_kept_full(pool) && pool->alive < pool->wanted)
        (void)pool_worker_start_locked(pool); /* torn away; if that fails, a later submit tries again */
    pool_leave_locked(pool);
    lock_drop(&pool->lock);
    if (begun && pool->options.worker_stop)
        pool->options.worker_stop(pool->options.context, farewell.state);
    if (farewell.joins)
        must(pthread_join(farewell.before, NULL));
}

/* The task has ended its thread. */
static void torn_away(void *arg)
{
    struct shift *shift = arg;
    struct worker *me = shift->me;
    struct pool *pool = me->pool;

    pool_inside_unwind(&shift->frame);
    pool_report_failure(pool, shift->job, 0, 1);
    note_end(me);
    pool_enter(pool);
    tally_add(&me->tally.failed);
    tally_add(&me->tally.exited);
    pool_settle_locked(shift->job, POOL_FAILED);
    leave(shift, SEAT_EMPTY, true);
    pool_inside_leave(&shift->frame);
}

/* Call worker_start and tell how it went. True: the worker can work. With the lock held after it. */
static bool begin_locked(struct worker *me)
{
    struct pool *pool = me->pool;
    int refused = 0;

    me->spin_us = pool->options.spin_us / 16 + 1; /* until it has had luck with it */
    if (pool->options.worker_start)
        refused = pool->options.worker_start(pool->options.context, me->index, &me->state);
    pool_enter(pool);
    if (pool->options.worker_start && --pool->starting == 0)
        bell_ring_all(&pool->started);
    pool->unstarted += refused != 0;
    return refused == 0;
}

void *pool_worker_main(void *worker)
{
    struct shift shift = {.me = worker, .locked = true};
    struct pool *pool = shift.me->pool;
    bool begun = false;

    pool_inside_enter(&shift.frame, pool, shift.me);
    if (begin_locked(shift.me)) {
        pthread_cleanup_push(torn_away, &shift);
        work(&shift);
        pthread_cleanup_pop(0);
        begun = true;
    }
    leave(&shift, pool->phase == PHASE_OPEN ? SEAT_EMPTY : SEAT_LEFT, begun);
    pool_inside_leave(&shift.frame);
    return NULL;
}
