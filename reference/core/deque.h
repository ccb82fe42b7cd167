/* deque.h - a work-stealing deque: its owner works at one end, thieves take from the other.
 *
 *     struct pool_deque *mine;
 *     if (pool_deque_create(&mine, &(struct pool_deque_options){.capacity = 256}) != POOL_OK) ...
 *     if (pool_deque_push(mine, item) != POOL_OK) ...            // the owner
 *     if (pool_deque_pop(mine, &item) == POOL_OK) ...            // the owner: the newest
 *     if (pool_deque_steal(theirs, &item) == POOL_OK) ...        // any thread: the oldest
 *     pool_deque_destroy(mine);
 *
 * The caller's steps, in order: create, push, pop and steal, destroy once nobody else is inside. One thread
 * at a time is the owner; to hand that part on, the two threads must synchronise. Nothing blocks. Each item
 * comes out exactly once.
 *
 * It is D. Chase's and Y. Lev's deque ("Dynamic Circular Work-Stealing Deque", SPAA 2005) with the C11 orders
 * of N. M. Le, A. Pop, A. Cohen and F. Zappa Nardelli (PPoPP 2013), but for one thing: where they put a
 * stand-alone fence, which ThreadSanitizer cannot see, here the operations themselves are seq_cst. deque.c
 * says why that is enough and what it costs.
 *
 * It grows by doubling and never shrinks. A thief may still read the old array, so the owner keeps it until
 * destroy: all the old ones together are smaller than the present one. A slot that was taken keeps its stale
 * argument until it is filled again (X51): the owner cannot clear it, a thief may be reading, and the thief
 * must not write. So a leak checker sees a lost argument only after destroy.
 */
#ifndef DEEPEND_POOL_DEQUE_H
#define DEEPEND_POOL_DEQUE_H

#include "item.h"
#include "status.h"
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

struct pool_deque;

struct pool_deque_options {
    size_t capacity;    /* items before it first grows, rounded up to a power of two; 0: 64. At most
                           PTRDIFF_MAX / 64 */
    size_t first_index; /* 0; tests begin near SIZE_MAX, where the indices overflow, which does no harm */
};

/* OPTIONS may be NULL: all 0. POOL_OK; POOL_INVALID; POOL_NO_MEMORY: then *DEQUE is NULL. */
POOL_MUST_LOOK enum pool_status pool_deque_create(struct pool_deque **deque,
                                                  const struct pool_deque_options *options);

/* Items that are left are dropped, not called. NULL is fine. */
void pool_deque_destroy(struct pool_deque *deque);

/* The owner. POOL_OK; POOL_NO_MEMORY: it was full, could not grow, and is as it was; POOL_INVALID for NULL.
 */
POOL_MUST_LOOK enum pool_status pool_deque_push(struct pool_deque *deque, struct pool_item item);

/* The owner: the item that was pushed last. POOL_OK, or POOL_EMPTY and *ITEM as it was; POOL_INVALID for a
 * NULL. */
POOL_MUST_LOOK enum pool_status pool_deque_pop(struct pool_deque *deque, struct pool_item *item);

/* Any thread, the owner too: the item that was pushed first. POOL_OK, or POOL_EMPTY and *ITEM as it was:
 * there was a moment during the call at which nothing was left to steal. Losing a race is not an answer: then
 * somebody else took an item, and this call looks again. POOL_INVALID for a NULL. */
POOL_MUST_LOOK enum pool_status pool_deque_steal(struct pool_deque *deque, struct pool_item *item);

/* Any thread: how many items there are. Exact for the owner while nobody steals, else a number that was right
 * a moment ago, give or take those in transit. 0 for NULL. */
size_t pool_deque_count(const struct pool_deque *deque);

#ifdef __cplusplus
}
#endif

#endif
