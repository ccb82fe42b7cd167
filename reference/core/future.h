/* future.h - one result that one thread gives and others wait for.
 *
 *     struct pool_future answer;                          // in your own memory, a stack is fine
 *     struct pool_outcome outcome;
 *     pool_future_init(&answer);
 *     if (pool_submit(pool, compute, &answer) != POOL_OK)
 *         pool_future_set(&answer, POOL_REJECTED, NULL);
 *     pool_future_wait(&answer, &outcome);                // compute ends with pool_future_set(&answer, ...)
 *     pool_future_release(&answer);
 *
 * The caller's steps, in order: init, hand it to a producer, wait or poll or leave a continuation, release.
 *
 * Lifetime. The memory is the caller's, and there is no count of references. After the outcome is set the
 * setting thread drops the lock and never touches the future again, so the waiter may release it, and free
 * the memory, as soon as a wait or poll has said POOL_OK. Several threads may wait; release after the last
 * has returned. Of several producers the first wins and the others touch the future too: release it only once
 * you know that all of them have returned.
 *
 * A producer that gives up must say so (pool_future_abandon, for instance from the pool's discard function):
 * a waiting submit that nobody answers waits for ever, as that of M05 does when a stop drops its task.
 *
 * Any thread may call anything, also from tasks; a task that waits for one that stands behind it in the queue
 * waits for ever, and nothing here sees that. Not here: chains and combinations of futures, cancelling.
 */
#ifndef DEEPEND_POOL_FUTURE_H
#define DEEPEND_POOL_FUTURE_H

#include "status.h"
#include "waitpoint.h"

#ifdef __cplusplus
extern "C" {
#endif

/* What came of it. The future never looks at `value`: who frees it is between producer and waiter. */
struct pool_outcome {
    enum pool_status status; /* as the producer said; POOL_DISCARDED: abandoned */
    void *value;
};

typedef void pool_continuation(void *context, struct pool_outcome outcome);

/* All fields are the future's own. */
struct pool_future {
    struct pool_waitpoint point;
    /* guarded by point */
    bool is_set; /* what waiters wait for */
    struct pool_outcome outcome;
    pool_continuation *then;
    void *then_context;
};

/* Nothing is allocated, so init cannot fail. FUTURE is not NULL. */
void pool_future_init(struct pool_future *future);

/* Nobody may wait (asserted), and no producer may still come. NULL is fine. */
void pool_future_release(struct pool_future *future);

/* Set the outcome. POOL_OK: it was the first, the waiters wake, and the continuation, if there is one, has
 * run in this thread. POOL_ALREADY: another was first and nothing changed. POOL_INVALID for NULL. */
enum pool_status pool_future_set(struct pool_future *future, enum pool_status status, void *value);

/* The producer gives up: set POOL_DISCARDED and no value. */
enum pool_status pool_future_abandon(struct pool_future *future);

/* Wait for the outcome. POOL_OK and *OUTCOME (which may be NULL), however the task itself went: that is
 * outcome.status. `_until`: POOL_TIMED_OUT if it is not set by DEADLINE (CLOCK_MONOTONIC); one in the past
 * still looks. POOL_INVALID for a NULL future or deadline, or nanoseconds out of range. */
enum pool_status pool_future_wait(struct pool_future *future, struct pool_outcome *outcome);
POOL_MUST_LOOK enum pool_status pool_future_wait_until(struct pool_future *future,
                                                       struct pool_outcome *outcome,
                                                       const struct timespec *deadline);

/* Never waits: POOL_OK and *OUTCOME, or POOL_EMPTY: not set yet. POOL_INVALID for a NULL future. */
POOL_MUST_LOOK enum pool_status pool_future_poll(struct pool_future *future, struct pool_outcome *outcome);

/* Have THEN called with the outcome, once and without a lock: by the thread that sets it, or at once in this
 * one if it is set. It gets the outcome and not the future, which a waiter may have released by then: a wait
 * does not wait for the continuation. POOL_OK; POOL_ALREADY: there is one, or was; POOL_INVALID for a NULL.
 */
POOL_MUST_LOOK enum pool_status pool_future_then(struct pool_future *future, pool_continuation *then,
                                                 void *context);

#ifdef __cplusplus
}
#endif

#endif
