/* pool_steal.c - jobs that are in no queue any more, or never were: in a worker's hand, in its own deque.
 *
 * A hand holds what its worker took from the queue and has not begun (pool_hand.h). The rule for how much it
 * takes: its share of what waits, at most `batch`, and only one while somebody sleeps and has not been
 * called. So nothing lies in a hand that a sleeper could have had: whoever falls asleep later looks into all
 * hands first, under the lock under which hands are dealt.
 *
 * A deque holds what tasks have submitted from inside, with POOL_INNER_OWN. Its owner pushes without the
 * lock, so here a sleeper could be missed: the owner pushes, then looks for sleepers, while a worker enters
 * the idle list, then looks for pushes. Each writes one atomic and then reads the other's: `submitted` of the
 * owner's tally and `callable`, all four seq_cst. In the one order of these, one of the two comes second, and
 * sees. What it sees was written with release, after the push: who reads the new `submitted` finds the job in
 * the deque.
 */
#include "pool_inside.h"

static bool is_halted(const struct pool *pool)
{
    return atomic_load_explicit(&pool->halt, memory_order_acquire);
}

/* What needs no lock of the pool: the newest of this worker's deque, the oldest of its hand, or a shard's. */
bool pool_own_take(struct worker *me, struct pool_item *job)
{
    if (me->pool->exact || is_halted(me->pool))
        return false;
    if (!(me->deque && pool_deque_pop(me->deque, job) == POOL_OK) && !hand_take(&me->hand, job))
        return pool_shards_take(me, job);
    tally_add(&me->tally.begun);
    return true;
}

/* --- dealing -------------------------------------------------------------------------------------------- */

/* How many jobs this worker may take from the queue now. */
static size_t share_locked(const struct pool *pool)
{
    size_t share = pool->queue.count / pool->alive;

    if (pool->exact || pool->idle_last || share < 1)
        return 1;
    return share < pool->options.batch ? share : pool->options.batch;
}

bool pool_take_queued_locked(struct worker *me, struct pool_item *job)
{
    struct pool *pool = me->pool;

    assert(lock_is_mine(&pool->lock));
    if (queue_is_empty(&pool->queue))
        return false;
    size_t share = share_locked(pool);
    uint64_t tail = hand_tail(&me->hand);
    *job = queue_pop(&pool->queue);
    tally_add(&me->tally.begun);
    for (size_t i = 1; i < share; i++)
        hand_put(&me->hand, tail++, queue_pop(&pool->queue));
    if (share > 1)
        hand_show(&me->hand, tail);
    for (size_t i = 0; i < share && pool->room.waiting > 0; i++)
        bell_ring(&pool->room);
    return true;
}

/* --- stealing ------------------------------------------------------------------------------------------- */

static bool steal_from(struct worker *victim, struct pool_item *job)
{
    return hand_take(&victim->hand, job) ||
           (victim->deque && pool_deque_steal(victim->deque, job) == POOL_OK);
}

/* Any thread; seats whose worker has left are looked at too: it may have left by pthread_exit, with a hand
 * full. */
bool pool_steal_any_locked(struct pool *pool, struct pool_item *job)
{
    assert(lock_is_mine(&pool->lock));
    for (unsigned i = 0; !pool->exact && i < pool->options.ceiling; i++)
        if (steal_from(&pool->workers[i], job))
            return true;
    return pool_shards_pop(pool, job);
}

/* From the next worker on, so that not all thieves come to the same one. */
bool pool_steal_locked(struct worker *me, struct pool_item *job)
{
    struct pool *pool = me->pool;
    unsigned count = pool->options.ceiling;

    assert(lock_is_mine(&pool->lock));
    for (unsigned i = 1; !pool->exact && i <= count; i++)
        if (steal_from(&pool->workers[(me->index + i) % count], job)) {
            tally_add(&me->tally.begun);
            return true;
        }
    return false;
}

/* The seq_cst look at `submitted` is the second half of the proof above. */
size_t pool_held(const struct pool *pool)
{
    size_t held = pool_shards_look(pool); /* before the hands: a job that has left a shard is in one */

    for (unsigned i = 0; !pool->exact && i < pool->options.ceiling; i++) {
        const struct worker *worker = &pool->workers[i];
        (void)atomic_load_explicit(&worker->tally.submitted, memory_order_seq_cst);
        held += hand_count(&worker->hand) + pool_deque_count(worker->deque);
    }
    return held;
}

/* --- submitting from inside ----------------------------------------------------------------------------- */

/* Not POOL_OK: nothing was done, and the queue must tell why, or take it. */
enum pool_status pool_own_push(struct worker *me, struct pool_item job)
{
    struct pool *pool = me->pool;

    if (atomic_load_explicit(&pool->closed, memory_order_acquire))
        return POOL_STOPPED;
    unsigned long long submitted = atomic_load_explicit(&me->tally.submitted, memory_order_relaxed);
    if (pool_deque_push(me->deque, job) != POOL_OK)
        return POOL_NO_MEMORY;
    atomic_store_explicit(&me->tally.submitted, submitted + 1, memory_order_seq_cst);
    if (atomic_load_explicit(&pool->callable, memory_order_seq_cst) > 0) {
        pool_enter(pool);
        pool_call_locked(pool, 1);
        lock_drop(&pool->lock);
    } else if (atomic_load_explicit(&pool->spinning, memory_order_relaxed) > 0 &&
               !atomic_load_explicit(&pool->news, memory_order_relaxed)) {
        atomic_store_explicit(&pool->news, true, memory_order_release);
    }
    return POOL_OK;
}
