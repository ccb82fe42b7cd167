/* cancel.h - tell those who work that their work is no longer wanted.
 *
 *     struct pool_cancel *token;
 *     if (pool_cancel_create(&token, &(struct pool_cancel_options){.parent = request}) != POOL_OK) ...
 *     ... in the task:    if (pool_cancel_check(token) != POOL_OK) return;     // between two steps of work
 *     ... anywhere:       pool_cancel_now(token, POOL_CANCELLED);              // token and all below it
 *     pool_cancel_unref(token);
 *
 * The caller's steps, in order: create, give each task a reference of its own (ref), cancel or not, and unref
 * as often as create and ref were called. The last unref frees the token, whoever calls it.
 *
 * A token is cancelled once, with a reason, and stays so. It only tells: a task that never checks keeps its
 * worker (W15), a system call that blocks needs a timeout of its own (M21).
 *
 * Deadlines are moments of the tree's clock. A child has the earlier one of its own and its parent's. No
 * thread watches them: the token is cancelled, with POOL_TIMED_OUT, by the first check, wait or create of a
 * child that finds the moment passed. To have callbacks called without anybody looking, let a timer call
 * pool_cancel_check.
 *
 * Any thread may call anything, from inside a callback too, with a reference in hand; each reference is given
 * back once. One lock guards a whole tree, parents and children alike, so there is no order to take them in
 * and a child may go while its parent is cancelled. cancel_inside.h says what that costs. Callbacks run
 * without it.
 */
#ifndef DEEPEND_POOL_CANCEL_H
#define DEEPEND_POOL_CANCEL_H

#include "clock.h"
#include "status.h"

#ifdef __cplusplus
extern "C" {
#endif

/* --- tokens --------------------------------------------------------------------------------------------- */

struct pool_cancel;

struct pool_cancel_options {
    struct pool_cancel *parent;     /* NULL: the root of a tree. A child keeps its parent's memory alive */
    uint64_t deadline;              /* by the tree's clock, nanoseconds; 0: none of its own */
    const struct pool_clock *clock; /* for a root, must live as long as the tree; NULL: the system's. For a
                                       child NULL: it has its parent's */
};

/* OPTIONS may be NULL: a root without a deadline. The token has one reference. The child of a cancelled
 * parent is born cancelled, with its reason. POOL_OK; POOL_INVALID: NULL, or a clock for a child;
 * POOL_NO_MEMORY: then *TOKEN is NULL. */
POOL_MUST_LOOK enum pool_status pool_cancel_create(struct pool_cancel **token,
                                                   const struct pool_cancel_options *options);

/* One more reference. Returns TOKEN; NULL for NULL. */
struct pool_cancel *pool_cancel_ref(struct pool_cancel *token);

/* One less. The last one leaves the parent and frees the token; callbacks that are still registered will not
 * be called, unless a canceller has them in hand already: forget them first. NULL is fine. */
void pool_cancel_unref(struct pool_cancel *token);

/* Leave the parent: what befalls it from now on is not for TOKEN, and its deadline neither. POOL_OK;
 * POOL_EMPTY: it has no parent (any more); POOL_INVALID for NULL. */
enum pool_status pool_cancel_detach(struct pool_cancel *token);

/* --- cancelling and asking ------------------------------------------------------------------------------ */

/* Cancel TOKEN and all below it, with REASON (anything but POOL_OK), and call the callbacks: first TOKEN's,
 * then its children's, each token's in the order in which they were registered. All are marked before the
 * first is called. POOL_OK: this call did it, and those callbacks have returned. POOL_ALREADY: another call
 * did, whose callbacks may still be running. POOL_INVALID: NULL or POOL_OK. */
enum pool_status pool_cancel_now(struct pool_cancel *token, enum pool_status reason);

/* POOL_OK: go on. Else the reason. An atomic load, and a look at the clock if there is a deadline; the check
 * that finds it passed also calls the callbacks. POOL_INVALID for NULL. */
POOL_MUST_LOOK enum pool_status pool_cancel_check(struct pool_cancel *token);

/* Wait until TOKEN is cancelled: POOL_OK (check tells the reason); or until DEADLINE (CLOCK_MONOTONIC; NULL:
 * for ever): POOL_TIMED_OUT. With the system's clock the wait also ends at TOKEN's own deadline, which
 * cancels it; a clock of your own cannot wake a sleeper, so call check after moving it. POOL_INVALID for a
 * NULL token, or nanoseconds out of range. */
POOL_MUST_LOOK enum pool_status pool_cancel_wait(struct pool_cancel *token, const struct timespec *deadline);

/* --- callbacks ------------------------------------------------------------------------------------------ */

/* In your own memory, yours again after forget. All fields are the token's own. */
struct pool_cancel_callback {
    void (*run)(void *arg);
    void *arg;
    struct pool_cancel_callback *next, *previous; /* NULL: not registered, or called */
};

/* Have RUN called with ARG when TOKEN is cancelled, once, without a lock, by the thread that cancels.
 * POOL_OK; POOL_ALREADY: it was cancelled before, and RUN has been called in this thread; POOL_INVALID for a
 * NULL. */
POOL_MUST_LOOK enum pool_status pool_cancel_on(struct pool_cancel *token,
                                               struct pool_cancel_callback *callback, void (*run)(void *arg),
                                               void *arg);

/* Take a callback back that was given to TOKEN. POOL_OK: it will not be called. POOL_ALREADY: it has been; if
 * it is running in another thread, this waits until it has returned, so CALLBACK and ARG may be freed in any
 * case; if it is running in this one, it returns at once. Do not call it with a lock in hand that the
 * callback takes. POOL_INVALID for a NULL. (As C++20's stop_callback, at the end of its life.) */
enum pool_status pool_cancel_forget(struct pool_cancel *token, struct pool_cancel_callback *callback);

#ifdef __cplusplus
}
#endif

#endif
