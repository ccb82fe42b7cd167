/* pool_two_lock.h - an unbounded queue with a lock at each end, so that who pushes and who pops do not wait for
 * each other. Private to this room.
 *
 *     end_enter(&queue.pushing);
 *     if (two_lock_push(&queue, job) == POOL_OK)
 *         two_lock_show(&queue);                        // from here on it can be popped
 *     end_go(&queue.pushing);
 *
 *     end_enter(&queue.popping);
 *     for (size_t n = two_lock_ready(&queue); n > 0; n--)
 *         mine[count++] = two_lock_pop(&queue);         // at most as many as were ready
 *     two_lock_tell(&queue);
 *     end_go(&queue.popping);
 *
 * After Michael and Scott, "Simple, Fast, and Practical Non-Blocking and Blocking Concurrent Queue Algorithms",
 * PODC 1996, the two-lock queue; with segments instead of nodes, and two counts instead of their dummy node to
 * tell that it is empty. The ends meet in `pushed` alone: it is stored with release after the items, so who
 * has read it with acquire may read those items, and the links between their segments.
 *
 * An emptied segment goes back to the pushing end through a few slots, each filled by who holds `popping` and
 * emptied by who holds `pushing`: one writer of each kind, so a load and a store do. When all slots are full it
 * is freed, so a long queue gives its memory back as it drains. A popped item is not cleared: to write there
 * would take the cache line away from those who push.
 *
 * Not here: sleeping, a bound. A count that is true at one moment needs both locks, `pushing` taken first.
 */
#ifndef DEEPEND_POOL_TWO_LOCK_H
#define DEEPEND_POOL_TWO_LOCK_H

#include "item.h"
#include "segments.h"
#include "status.h"
#include <assert.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

/* --- the lock of an end ---------------------------------------------------------------------------------- */

struct end {
    atomic_bool taken;
};

/* The slow part of end_enter: returns when it was seen free. */
void pool_end_wait(const struct end *end);

static inline void end_enter(struct end *end)
{
    while (atomic_exchange_explicit(&end->taken, true, memory_order_acquire))
        pool_end_wait(end);
}

static inline void end_go(struct end *end)
{
    atomic_store_explicit(&end->taken, false, memory_order_release);
}

/* --- the queue ------------------------------------------------------------------------------------------- */

struct two_lock_queue {
    struct end pushing; /* guards these */
    struct pool_segment *first,
        *last;       /* NULL before the first push; `first` is the very first, stored once */
    size_t tail;     /* in `last` the next to fill */
    uint64_t filled; /* items ever, shown or not */
    char apart[POOL_APART];

    _Atomic uint64_t pushed; /* items ever shown; stored by who holds `pushing` */
    char apart_too[POOL_APART];

    struct end popping;           /* guards these */
    struct pool_segment *segment; /* NULL before the first pop */
    size_t head;                  /* in `segment` the next to read */
    uint64_t read, ready;         /* items ever read; `pushed` at the last look */
    _Atomic uint64_t popped;      /* items ever told to be gone; stored by who holds `popping` */
    char apart_again[POOL_APART];

    struct pool_segment *_Atomic emptied[POOL_SEGMENTS_SPARES];
    char apart_at_last[POOL_APART];
};

/* A queue of zeros is empty and has no memory. This frees its segments; items that are left are dropped. */
void pool_two_lock_release(struct two_lock_queue *queue);

/* The slow parts of push and pop. */
enum pool_status pool_two_lock_extend(struct two_lock_queue *queue);
void pool_two_lock_advance(struct two_lock_queue *queue);

/* Ask for the cache line at PLACE in order to write there: a hint, which cannot fault. A recycled line is still
 * in the cache of who has read it, and to wait for it at each push would be half of what a push costs. Not
 * __builtin_prefetch on x86: unless the compiler knows the processor it makes of that a prefetch for reading,
 * which leaves the line shared, so that the write waits all the same. */
static inline void will_write(const struct pool_item *place)
{
#if defined(__x86_64__)
    __asm__("prefetchw %0" ::"m"(*place));
#else
    __builtin_prefetch(place, 1);
#endif
}

enum { ITEMS_A_LINE = 4, ITEMS_AHEAD = 2 * ITEMS_A_LINE };

/* With `pushing` held. POOL_OK, or POOL_NO_MEMORY and nothing changed. */
POOL_MUST_LOOK static inline enum pool_status two_lock_push(struct two_lock_queue *queue,
                                                            struct pool_item item)
{
    if (!queue->last || queue->tail == POOL_SEGMENT_ITEMS) {
        enum pool_status status = pool_two_lock_extend(queue);
        if (status != POOL_OK)
            return status;
    }
    struct pool_item *slot = &queue->last->items[queue->tail++];
    if (queue->tail % ITEMS_A_LINE == 0 && queue->tail + ITEMS_AHEAD <= POOL_SEGMENT_ITEMS)
        will_write(slot + ITEMS_AHEAD);
    *slot = item;
    queue->filled++;
    return POOL_OK;
}

/* With `pushing` held: what has been pushed may be popped. */
static inline void two_lock_show(struct two_lock_queue *queue)
{
    atomic_store_explicit(&queue->pushed, queue->filled, memory_order_release);
}

/* With `popping` held: how many may be popped, at least. */
static inline size_t two_lock_ready(struct two_lock_queue *queue)
{
    queue->ready = atomic_load_explicit(&queue->pushed, memory_order_acquire);
    return (size_t)(queue->ready - queue->read);
}

/* With `popping` held, at most as often as two_lock_ready has said. */
static inline struct pool_item two_lock_pop(struct two_lock_queue *queue)
{
    assert(queue->read < queue->ready);
    if (!queue->segment || queue->head == POOL_SEGMENT_ITEMS)
        pool_two_lock_advance(queue);
    queue->read++;
    return queue->segment->items[queue->head++];
}

/* With `popping` held: what has been popped is gone. */
static inline void two_lock_tell(struct two_lock_queue *queue)
{
    atomic_store_explicit(&queue->popped, queue->read, memory_order_release);
}

/* Without any lock: a hint. `popped` is looked at first, with acquire: `pushed` is not less than that. */
static inline size_t two_lock_count_hint(const struct two_lock_queue *queue)
{
    uint64_t popped = atomic_load_explicit(&queue->popped, memory_order_acquire);
    return (size_t)(atomic_load_explicit(&queue->pushed, memory_order_relaxed) - popped);
}

#endif
