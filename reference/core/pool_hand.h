/* pool_hand.h - what a worker has taken from the queue and not begun. Private to this room.
 *
 *     hand_deal(&mine, jobs, count);          // its owner, when it is empty, under the pool's lock
 *     if (hand_take(&mine, &job)) ...         // its owner, or any thread that wants to help
 *
 * A worker that takes several jobs for one turn of the lock must not sit on them: its first may run for an
 * hour. So what it holds lies open: owner and thieves take from the same end with the same compare-and-swap
 * on `head`, and who wins has the job.
 *
 * The indices only grow, so a compare-and-swap that succeeds says that head has not moved since it was read.
 * The owner deals only when head has reached tail; a job that was read between is therefore the job that was
 * won. A job that was read and not won may be torn: that is why its words are atomic. `tail` is stored with
 * release after the jobs: who sees it sees them.
 */
#ifndef DEEPEND_POOL_HAND_H
#define DEEPEND_POOL_HAND_H

#include "pool.h"
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

struct hand {
    _Atomic uint64_t head; /* anybody's, by compare-and-swap */
    _Atomic uint64_t tail; /* stored by the owner alone */
    struct {
        void (*_Atomic run)(void *arg);
        void *_Atomic arg;
    } cards[POOL_MAX_BATCH];
};

static inline size_t hand_count(const struct hand *hand)
{
    uint64_t head = atomic_load_explicit(&hand->head, memory_order_acquire);
    uint64_t tail = atomic_load_explicit(&hand->tail, memory_order_acquire);
    return tail > head ? (size_t)(tail - head) : 0;
}

/* One more card; nobody sees it before hand_show. */
static inline void hand_put(struct hand *hand, uint64_t index, struct pool_item job)
{
    atomic_store_explicit(&hand->cards[index % POOL_MAX_BATCH].run, job.run, memory_order_relaxed);
    atomic_store_explicit(&hand->cards[index % POOL_MAX_BATCH].arg, job.arg, memory_order_relaxed);
}

static inline uint64_t hand_tail(const struct hand *hand)
{
    return atomic_load_explicit(&hand->tail, memory_order_relaxed);
}

static inline void hand_show(struct hand *hand, uint64_t tail)
{
    atomic_store_explicit(&hand->tail, tail, memory_order_release);
}

/* Any thread. False: there is none. */
static inline bool hand_take(struct hand *hand, struct pool_item *job)
{
    uint64_t head = atomic_load_explicit(&hand->head, memory_order_acquire);

    while (head < atomic_load_explicit(&hand->tail, memory_order_acquire)) {
        struct pool_item seen = {
            .run = atomic_load_explicit(&hand->cards[head % POOL_MAX_BATCH].run, memory_order_relaxed),
            .arg = atomic_load_explicit(&hand->cards[head % POOL_MAX_BATCH].arg, memory_order_relaxed),
        };
        if (atomic_compare_exchange_weak_explicit(&hand->head, &head, head + 1, memory_order_acq_rel,
                                                  memory_order_acquire)) {
            *job = seen;
            return true;
        }
    }
    return false;
}

#endif
