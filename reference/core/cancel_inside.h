/* cancel_inside.h - the fields of tokens and of the tree they form. Private to cancel.c and cancel_tree.c.
 *
 *     family: one lock, the runners        root ── child ── grandchild
 *                                             └─── child
 *
 * All tokens of a tree share a `family`, and its lock guards everything but two atomics. One lock and not one
 * for each token: parent and child would have to be locked together, in an order, while either may vanish.
 * The cost is that the tokens of one tree wait for each other when they are made, freed and cancelled, and
 * that cancelling n of them holds the lock for n steps. To check takes no lock.
 *
 * A token's memory lives while it has references, and each child is one of them. So a walk meets living
 * tokens only. A detached token keeps the family's lock and is a root otherwise.
 */
#ifndef DEEPEND_POOL_CANCEL_INSIDE_H
#define DEEPEND_POOL_CANCEL_INSIDE_H

#include "cancel.h"
#include "pool_monitor.h"

#include <stdatomic.h>

/* One thread that is calling callbacks; on its stack. Guarded by the family's lock. */
struct runner {
    struct pool_cancel_callback queue;    /* the head of a ring: those that it still has to call */
    struct pool_cancel_callback *running; /* NULL between two */
    pthread_t thread;
    struct runner *next;
};

struct family {
    /* fixed after create */
    const struct pool_clock *clock;
    /* guarded by itself */
    struct lock lock;
    size_t tokens;          /* the family is freed with the last */
    struct runner *runners; /* innermost first, for a thread that is in several */
    struct bell ran;        /* waited for until: no other thread runs this callback */
};

struct pool_cancel {
    /* fixed after create */
    struct family *family;
    uint64_t own_deadline; /* UINT64_MAX: none */
    /* atomic: written under the lock; the reason released by the canceller, the deadline only ever compared
     */
    atomic_int reason;         /* POOL_OK: not cancelled */
    _Atomic uint64_t deadline; /* the earlier one of its own and its parent's */
    /* guarded by family->lock */
    size_t references; /* callers' and children's */
    struct pool_cancel *parent, *first_child, *next, *previous;
    struct pool_cancel_callback callbacks; /* the head of a ring */
    struct bell cancelled;                 /* waited for until: reason != POOL_OK */
};

static inline enum pool_status cancel_reason(const struct pool_cancel *token)
{
    return (enum pool_status)atomic_load_explicit(&token->reason, memory_order_acquire);
}

/* --- rings of callbacks --------------------------------------------------------------------------------- */

static inline void cancel_ring_init(struct pool_cancel_callback *head)
{
    head->next = head->previous = head;
}

static inline void cancel_ring_remove(struct pool_cancel_callback *callback)
{
    callback->previous->next = callback->next;
    callback->next->previous = callback->previous;
    callback->next = callback->previous = NULL;
}

/* --- the tree: cancel_tree.c ---------------------------------------------------------------------------- */

/* The token after TOKEN in the tree below ROOT, parents first; NULL: there is none. */
struct pool_cancel *pool_cancel_walk(const struct pool_cancel *token, const struct pool_cancel *root);

/* Give back one reference to TOKEN, with the lock held, and drop the lock: the family may be gone. */
void pool_cancel_unref_and_drop(struct pool_cancel *token);

#endif
