/* spsc.h - a bounded queue from one thread to one other, without a lock and without a compare-and-swap.
 *
 *     struct pool_spsc *line;
 *     if (pool_spsc_create(&line, 64) != POOL_OK) ...
 *     if (pool_spsc_push(line, item) == POOL_FULL) ...    // the one producer
 *     if (pool_spsc_pop(line, &item) == POOL_OK) ...      // the one consumer
 *     pool_spsc_destroy(line);
 *
 * The caller's steps, in order: create, push and pop, destroy once both have ended. One thread at a time may
 * push and one at a time may pop; to hand such a part on, the two threads must synchronise. Two producers at
 * once are a data race: use ring.h.
 *
 * Unlike the ring's, its answers are exact: every push that has returned can be popped. It is L. Lamport's
 * two-index buffer ("Specifying Concurrent Program Modules", TOPLAS 1983), each side with a copy of the
 * other's index, which it renews only when the queue looks full, or empty, to it.
 */
#ifndef DEEPEND_POOL_SPSC_H
#define DEEPEND_POOL_SPSC_H

#include "item.h"
#include "status.h"
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

struct pool_spsc;

/* CAPACITY: items, exactly so many, 1 to PTRDIFF_MAX / 64. POOL_OK; POOL_INVALID; POOL_NO_MEMORY: then *LINE
 * is NULL. */
POOL_MUST_LOOK enum pool_status pool_spsc_create(struct pool_spsc **line, size_t capacity);

/* Items that are left are dropped, not called. NULL is fine. */
void pool_spsc_destroy(struct pool_spsc *line);

/* The producer; never blocks. POOL_OK or POOL_FULL; POOL_INVALID for a NULL. */
POOL_MUST_LOOK enum pool_status pool_spsc_push(struct pool_spsc *line, struct pool_item item);

/* The consumer; never blocks. POOL_OK, or POOL_EMPTY and *ITEM as it was; POOL_INVALID for a NULL. The slot
 * is cleared. */
POOL_MUST_LOOK enum pool_status pool_spsc_pop(struct pool_spsc *line, struct pool_item *item);

#ifdef __cplusplus
}
#endif

#endif
