/* ring.h - a bounded queue that any number of threads push to and pop from without a lock.
 *
 *     struct pool_ring *ring;
 *     if (pool_ring_create(&ring, &(struct pool_ring_options){.capacity = 1000}) != POOL_OK) ...
 *     if (pool_ring_push(ring, item) == POOL_FULL) ...    // any thread
 *     if (pool_ring_pop(ring, &item) == POOL_OK) ...      // any thread
 *     pool_ring_destroy(ring);
 *
 * The caller's steps, in order: create, push and pop, destroy once nobody else is inside. Nothing here sleeps
 * or spins for another thread; who wants to wait puts a bell beside the ring.
 *
 * First in, first out: items leave in the order in which their pushes claimed a slot. It is D. Vyukov's
 * bounded MPMC queue (1024cores.net, 2010): each slot has a stamp that says whose turn it is. The stamps
 * count laps, as in crossbeam's ArrayQueue, so the capacity is exactly the one asked for, 1 included, power
 * of two or not (X11: no pool of the seeds has such a ring; their "loop queue" stands under a lock).
 *
 * What a lock would give and this does not: a push that was interrupted after it claimed its slot hides the
 * items behind it from every pop, and a pop so interrupted keeps its slot from every push, until it goes on.
 * POOL_EMPTY and POOL_FULL may then be answered with items inside, or with room. Whoever was interrupted ends
 * its call later, so ring for a sleeper after each push and each pop, not only after the first.
 */
#ifndef DEEPEND_POOL_RING_H
#define DEEPEND_POOL_RING_H

#include "item.h"
#include "status.h"
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

struct pool_ring;

struct pool_ring_options {
    size_t capacity;  /* items, 1 to PTRDIFF_MAX / 64 */
    size_t first_lap; /* 0; tests begin at SIZE_MAX, one lap before the counters overflow */
};

/* POOL_OK; POOL_INVALID: NULL, or a capacity out of range; POOL_NO_MEMORY. Then *RING is NULL. Memory: 24
 * bytes a slot, and three times POOL_APART. */
POOL_MUST_LOOK enum pool_status pool_ring_create(struct pool_ring **ring,
                                                 const struct pool_ring_options *options);

/* Nobody may be inside. Items that are left are dropped, not called: pop them first. NULL is fine. */
void pool_ring_destroy(struct pool_ring *ring);

/* Any thread, never blocks. POOL_OK or POOL_FULL; POOL_INVALID for a NULL ring. */
POOL_MUST_LOOK enum pool_status pool_ring_push(struct pool_ring *ring, struct pool_item item);

/* Any thread, never blocks. POOL_OK, or POOL_EMPTY and *ITEM as it was; POOL_INVALID for a NULL. A slot that
 * was popped is cleared: it keeps no argument alive (X51). */
POOL_MUST_LOOK enum pool_status pool_ring_pop(struct pool_ring *ring, struct pool_item *item);

/* As many of COUNT items as there is room for, or that there are, with one step of the counter: they stand
 * side by side in the queue. Returns how many, the first ones of ITEMS; 0 for a NULL. */
POOL_MUST_LOOK size_t pool_ring_push_some(struct pool_ring *ring, const struct pool_item *items,
                                          size_t count);
POOL_MUST_LOOK size_t pool_ring_pop_some(struct pool_ring *ring, struct pool_item *items, size_t count);

/* Items inside, those on their way in or out counted as inside. Exact when nobody else is in a call, else a
 * number between 0 and the capacity that was nearly right. 0 for NULL. */
size_t pool_ring_count(const struct pool_ring *ring);

/* As asked for; 0 for NULL. */
size_t pool_ring_capacity(const struct pool_ring *ring);

#ifdef __cplusplus
}
#endif

#endif
