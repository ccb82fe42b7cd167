/* pool_semaphore.h - permits of unequal weight, given out strictly in the order in which they were asked for.
 *
 *     struct pool_semaphore *memory;
 *     if (pool_semaphore_create(&memory, 512 * MEGABYTE) != POOL_OK) ...
 *     if (pool_semaphore_acquire(memory, image_bytes) != POOL_OK) return refuse(image); // never fits, or
 * closed resize(image); pool_semaphore_release(memory, image_bytes);
 *
 * The caller's steps: create, acquire and release by weight, destroy. The file is not called semaphore.h,
 * which is POSIX's.
 *
 * First come, first served, with no overtaking: while somebody waits, everybody behind waits too, and a try
 * is refused even if its weight were free. Small ones so pay for a large one in front of them; in return the
 * large one is never starved. A waiter that gives up leaves no debt: whoever was only blocked by it goes on.
 *
 * Decided: a weight above the size can never be had, so it is refused at once rather than waited for until
 * something else ends the wait (M14, I43); a weight of 0 or a negative one (which arrives as a huge number)
 * is refused, so that nobody can mint permits; to release more than is held is refused and changes nothing.
 * A semaphore belongs to the resource, not to a table that forgets it: a release must go to the one that was
 * acquired (X30).
 *
 * Any thread may call anything, and permits may be released by another thread than acquired them. Nothing
 * here knows who holds a permit: a thread that acquires twice may wait for itself.
 */
#ifndef DEEPEND_POOL_SEMAPHORE_H
#define DEEPEND_POOL_SEMAPHORE_H

#include "status.h"
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#ifdef __cplusplus
extern "C" {
#endif

struct pool_semaphore;

#define POOL_SEMAPHORE_MAX (SIZE_MAX / 2)

/* SIZE: what may be held in sum, 1 to POOL_SEMAPHORE_MAX. POOL_INVALID and POOL_NO_MEMORY leave nothing
 * behind and *SEMAPHORE NULL. */
POOL_MUST_LOOK enum pool_status pool_semaphore_create(struct pool_semaphore **semaphore, size_t size);

/* Take WEIGHT, waiting for those in front and for room. POOL_OK: it is held until released. POOL_STOPPED: the
 * semaphore was or is being closed. POOL_INVALID at once: no semaphore, 0, or more than the size. */
POOL_MUST_LOOK enum pool_status pool_semaphore_acquire(struct pool_semaphore *semaphore, size_t weight);

/* The same, until DEADLINE (CLOCK_MONOTONIC): then POOL_TIMED_OUT. A deadline in the past still tries. */
POOL_MUST_LOOK enum pool_status pool_semaphore_acquire_until(struct pool_semaphore *semaphore, size_t weight,
                                                             const struct timespec *deadline);

/* The same without waiting: POOL_REJECTED if there is no room or somebody waits. */
POOL_MUST_LOOK enum pool_status pool_semaphore_try(struct pool_semaphore *semaphore, size_t weight);

/* Give back WEIGHT of what is held, in any portions. POOL_INVALID: 0, or more than is held. Never waits. */
enum pool_status pool_semaphore_release(struct pool_semaphore *semaphore, size_t weight);

/* Let out everybody who waits, with POOL_STOPPED, and let nobody in again. What is held stays held and may be
 * released. Repeating it is fine. POOL_INVALID: NULL. */
enum pool_status pool_semaphore_close(struct pool_semaphore *semaphore);

/* Close, wait until the last waiter has left, free. NULL is fine. Permits need not be back, but from now on
 * nobody may call, not even to release. */
void pool_semaphore_destroy(struct pool_semaphore *semaphore);

/* A snapshot. `waiting` threads ask for `wanted` in sum. */
struct pool_semaphore_counts {
    size_t size, held, waiting, wanted;
    unsigned long long acquired, rejected, timed_out;
};
struct pool_semaphore_counts pool_semaphore_counts(struct pool_semaphore *semaphore);

#ifdef __cplusplus
}
#endif

#endif
