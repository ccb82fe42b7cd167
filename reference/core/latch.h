/* latch.h - count what has been started, wait until all of it is done.
 *
 *     struct pool_latch latch;                     // in your own memory, a stack is fine
 *     pool_latch_init(&latch, 0);
 *     for (i = 0; i < n; i++) {
 *         if (pool_latch_add(&latch, 1) != POOL_OK) ...    // before it is started (D39), by the starter
 *         if (pool_submit(pool, work, &latch) != POOL_OK)
 *             pool_latch_done(&latch, 1);                  // it will not: undo
 *     }
 *     pool_latch_wait(&latch);                             // each work ends with pool_latch_done(&latch, 1)
 *     pool_latch_release(&latch);
 *
 * The caller's steps, in order: init, for each task add, start and done, wait, release.
 *
 * Add before you start, never inside what was started: else the wait finds zero before the task has counted
 * itself, and returns early (D39, I38). A task that is counted may add others before its own done.
 *
 * It opens once. While the count is above zero anybody may add, also during a wait. Zero is nothing special
 * until a thread waits: tasks may end as fast as they are started. Once a wait has found zero the latch is
 * open for good, and an add is refused with POOL_ALREADY, not forgotten: Go's WaitGroup (M16) may be used
 * again, and calls an add that races with the wait misuse that it may or may not notice.
 *
 * Lifetime, as of a future: done drops the lock and never touches the latch again, so the waiter may release
 * it as soon as its wait has said POOL_OK; with several waiters, after the last has returned.
 *
 * Any thread may call anything. A counted task that waits for its own latch waits for ever.
 */
#ifndef DEEPEND_POOL_LATCH_H
#define DEEPEND_POOL_LATCH_H

#include "status.h"
#include "waitpoint.h"

#ifdef __cplusplus
extern "C" {
#endif

/* All fields are the latch's own. */
struct pool_latch {
    struct pool_waitpoint point;
    /* guarded by point */
    size_t count;
    bool open; /* what waiters wait for: the count was zero while one of them was there */
};

/* COUNT: done so often, and it is zero. Nothing is allocated, so init cannot fail. LATCH is not NULL. */
void pool_latch_init(struct pool_latch *latch, size_t count);

/* Nobody may wait (asserted), and no done may still come. NULL is fine. */
void pool_latch_release(struct pool_latch *latch);

/* COUNT more (0 is fine, while it is not open). POOL_OK; POOL_ALREADY: it is open, nothing changed, do not
 * start; POOL_INVALID: NULL, or the sum is above SIZE_MAX. */
POOL_MUST_LOOK enum pool_status pool_latch_add(struct pool_latch *latch, size_t count);

/* COUNT have ended. POOL_OK. POOL_INVALID: NULL, or more than were added: nothing changed, and somebody
 * counts wrongly. */
enum pool_status pool_latch_done(struct pool_latch *latch, size_t count);

/* Wait for zero: POOL_OK, and it is open. `_until`: POOL_TIMED_OUT if it is not zero by DEADLINE
 * (CLOCK_MONOTONIC), and it stays as it is; a deadline in the past still looks. POOL_INVALID for a NULL, or
 * nanoseconds out of range. */
enum pool_status pool_latch_wait(struct pool_latch *latch);
POOL_MUST_LOOK enum pool_status pool_latch_wait_until(struct pool_latch *latch,
                                                      const struct timespec *deadline);

/* A snapshot; 0 for NULL. */
size_t pool_latch_count(struct pool_latch *latch);

#ifdef __cplusplus
}
#endif

#endif
