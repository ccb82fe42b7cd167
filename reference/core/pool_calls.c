/* pool_calls.c - workers come, fall idle, are called, and go.
 *
 * Idle workers stand in a list, in the order in which they fell asleep; each sleeps at a bell of its own. To
 * call one is to take it out of the list and ring. So nobody is rung for twice, and a list that is empty
 * means that everybody is awake or on the way; waking a thread costs its waker hundreds of queue operations.
 *
 * While somebody spins, nobody is called: the spinner looks by itself, and calls for all that it leaves
 * (pool_workers.c). A spinner that gives up takes the lock and looks once more before it sleeps, so
 * a job that it was meant to see is seen.
 */
#include "pool_inside.h"
#include <sched.h>

/* --- the idle list -------------------------------------------------------------------------------------- */

/* Whoever changes one of the numbers and does not call somebody at once looks for jobs after this. */
void pool_count_callable_locked(struct pool *pool)
{
    size_t absent = pool->wanted > pool->alive ? pool->wanted - pool->alive : 0;
    unsigned idle = atomic_load_explicit(&pool->idle, memory_order_relaxed);
    atomic_store_explicit(&pool->there, (unsigned)pool->alive, memory_order_relaxed);
    atomic_store_explicit(&pool->callable, idle + (unsigned)absent, memory_order_seq_cst);
}

static void count_idle_locked(struct pool *pool, int step)
{
    unsigned idle = atomic_load_explicit(&pool->idle, memory_order_relaxed);
    atomic_store_explicit(&pool->idle, idle + (unsigned)step, memory_order_relaxed);
    pool_count_callable_locked(pool);
}

void pool_idle_enter_locked(struct worker *me)
{
    struct pool *pool = me->pool;

    assert(lock_is_mine(&pool->lock) && !me->idle);
    me->idle = true;
    me->later = NULL;
    me->sooner = pool->idle_last;
    *(pool->idle_last ? &pool->idle_last->later : &pool->idle_first) = me;
    pool->idle_last = me;
    count_idle_locked(pool, 1);
}

void pool_idle_leave_locked(struct worker *me)
{
    struct pool *pool = me->pool;

    assert(lock_is_mine(&pool->lock) && me->idle);
    me->idle = false;
    *(me->later ? &me->later->sooner : &pool->idle_last) = me->sooner;
    *(me->sooner ? &me->sooner->later : &pool->idle_first) = me->later;
    count_idle_locked(pool, -1);
}

/* --- calling -------------------------------------------------------------------------------------------- */

void pool_call_one_locked(struct worker *worker)
{
    pool_idle_leave_locked(worker);
    atomic_fetch_add_explicit(&worker->pool->summoned, 1, memory_order_relaxed);
    bell_ring(&worker->call);
}

void pool_call_all_locked(struct pool *pool)
{
    atomic_store_explicit(&pool->news, true, memory_order_release);
    while (pool->idle_first)
        pool_call_one_locked(pool->idle_first);
}

static struct worker *sleeper_locked(const struct pool *pool)
{
    return pool->options.wake == POOL_WAKE_LAST ? pool->idle_last : pool->idle_first;
}

void pool_call_now_locked(struct pool *pool, size_t jobs)
{
    assert(lock_is_mine(&pool->lock));
    if (jobs == 0 || pool->paused || pool->phase >= PHASE_STOPPING)
        return;
    if (atomic_load_explicit(&pool->spinning, memory_order_relaxed) > 0) {
        if (!atomic_load_explicit(&pool->news, memory_order_relaxed))
            atomic_store_explicit(&pool->news, true, memory_order_release);
        return;
    }
    for (; jobs > 0 && pool->idle_last; jobs--)
        pool_call_one_locked(sleeper_locked(pool));
    while (jobs-- > 0 && pool->alive < pool->wanted)
        if (pool_worker_start_locked(pool) != POOL_OK)
            return;
}

/* No worker is left for what waits: one was lost when no thread could be had. Ask again. */
void pool_revive_locked(struct pool *pool)
{
    if (pool->alive == 0 && pool->phase < PHASE_STOPPING)
        pool_call_locked(pool, pool_left_over(pool));
}

/* Whoever has a job is busy until it has looked for another one in vain. Jobs in the hand of one that was
 * torn away are nobody's. */
bool pool_is_quiet_locked(const struct pool *pool)
{
    return pool->busy == 0 && queue_is_empty(&pool->queue) && pool_held(pool) == 0;
}

void pool_quiet_locked(struct pool *pool)
{
    assert(lock_is_mine(&pool->lock));
    if (pool->quiet.waiting > 0 && pool_is_quiet_locked(pool))
        bell_ring_all(&pool->quiet);
}

/* --- spinning ------------------------------------------------------------------------------------------- */

/* Look for news for at most this worker's present patience. The looks are some hundred nanoseconds apart:
 * each takes the cache line away from those who write there. Now and then it lets others run: the submitter
 * whom it waits for may wait for this processor. */
static bool look_for_news(const struct worker *me)
{
    const struct pool *pool = me->pool;
    uint64_t end = 0;

    for (unsigned look = 0;; look++) {
        if (atomic_load_explicit(&pool->news, memory_order_acquire))
            return true;
        for (int i = 0; i < 16; i++)
            pool_relax();
        if (look % 4 == 3)
            sched_yield();
        struct timespec now = pool_deadline_after(0);
        uint64_t time = (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
        if (look == 0)
            end = time + me->spin_us * UINT64_C(1000);
        else if (time >= end)
            return false;
    }
}

/* On one processor: the submitter that has called this worker may have been put aside for it. */
static bool let_others_run_locked(struct pool *pool)
{
    lock_drop(&pool->lock);
    sched_yield();
    pool_enter(pool);
    return true;
}

bool pool_spin_locked(struct worker *me)
{
    struct pool *pool = me->pool;
    unsigned spinning = atomic_load_explicit(&pool->spinning, memory_order_relaxed);

    assert(lock_is_mine(&pool->lock));
    if (pool->options.spin_us > 0 && pool->spinners_allowed == 0)
        return let_others_run_locked(pool);
    if (spinning >= pool->spinners_allowed || pool->phase != PHASE_OPEN)
        return false;
    atomic_store_explicit(&pool->news, false, memory_order_relaxed);
    atomic_store_explicit(&pool->spinning, spinning + 1, memory_order_relaxed);
    lock_drop(&pool->lock);
    bool lucky = look_for_news(me);
    pool_enter(pool);
    atomic_store_explicit(&pool->spinning, atomic_load_explicit(&pool->spinning, memory_order_relaxed) - 1,
                          memory_order_relaxed);
    unsigned most = pool->options.spin_us, next = lucky ? me->spin_us * 2 : me->spin_us / 2;
    me->spin_us = next > most ? most : next < most / 16 + 1 ? most / 16 + 1 : next;
    return true;
}

/* --- coming --------------------------------------------------------------------------------------------- */

/* A worker is counted before it exists: nobody who waits for the last one overlooks one that only starts. */
enum pool_status pool_worker_start_locked(struct pool *pool)
{
    unsigned i = 0;

    assert(lock_is_mine(&pool->lock) && pool->alive < pool->options.ceiling);
    while (i < pool->options.ceiling && pool->workers[i].seat != SEAT_EMPTY)
        i++;
    if (i == pool->options.ceiling)
        return POOL_NO_THREAD; /* the end has begun, and its threads are still to be joined */
    struct worker *worker = &pool->workers[i];
    bool told = pool->options.worker_start != NULL;
    pool->starting += told;
    pool->alive++;
    worker->seat = SEAT_TAKEN;
    bool made = pthread_create(&worker->thread, NULL, pool_worker_main, worker) == 0;
    if (!made) {
        worker->seat = SEAT_EMPTY;
        pool->alive--;
        pool->starting -= told;
    }
    pool_count_callable_locked(pool);
    return made ? POOL_OK : POOL_NO_THREAD;
}
