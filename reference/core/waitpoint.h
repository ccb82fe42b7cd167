/* waitpoint.h - a lock and the threads that wait under it, small enough to lie inside what they wait for.
 *
 *     struct thing { struct pool_waitpoint point; bool done; };
 *
 *     pool_waitpoint_lock(&thing->point);
 *     while (!thing->done && !late)
 *         late = pool_waitpoint_sleep(&thing->point, deadline);
 *     pool_waitpoint_unlock(&thing->point);
 *
 * Futures and latches lie in their users' own memory, often on a stack, and are gone when the last waiter has
 * returned. So the waking thread wakes with the lock held and its unlock is its last touch: POSIX allows the
 * mutex to be destroyed as soon as another thread has had it and dropped it. For the same reason nothing here
 * looks at a flag without the lock: whoever saw it early could free the lock under its owner.
 *
 * The struct stands in public headers, so it is made of pthread types alone; pool_monitor.h has the lock that
 * knows its owner. Private to this room.
 */
#ifndef DEEPEND_POOL_WAITPOINT_H
#define DEEPEND_POOL_WAITPOINT_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <time.h>

#ifdef __cplusplus
extern "C" {
#endif

struct pool_waitpoint {
    pthread_mutex_t mutex;
    pthread_cond_t cond; /* on CLOCK_MONOTONIC */
    size_t sleepers;     /* guarded by mutex: threads in pool_waitpoint_sleep */
};

void pool_waitpoint_init(struct pool_waitpoint *point);
void pool_waitpoint_release(struct pool_waitpoint *point); /* nobody may sleep (asserted) */

void pool_waitpoint_lock(struct pool_waitpoint *point);
void pool_waitpoint_unlock(struct pool_waitpoint *point);

/* With the lock held. Sleep until woken, until DEADLINE (CLOCK_MONOTONIC; NULL: never) or for no reason.
 * True: the deadline has passed; look at the predicate in both cases. */
bool pool_waitpoint_sleep(struct pool_waitpoint *point, const struct timespec *deadline);

/* With the lock held: every sleeper looks at its predicate again. Costs nothing when nobody sleeps. */
void pool_waitpoint_wake_all(struct pool_waitpoint *point);

#ifdef __cplusplus
}
#endif

#endif
