/* timers.h - functions that are called at their time, once or again and again.
 *
 *     struct pool_timers *timers;
 *     struct pool_timer flush = {0};                       // in your own memory, zeroed
 *     if (pool_timers_create(&timers, NULL) != POOL_OK) ...
 *     uint64_t now = pool_clock_now(NULL);
 *     if (pool_timers_add(timers, &flush, now + POOL_SECOND, POOL_SECOND, write_out, log) != POOL_OK) ...
 *     pool_timers_cancel(timers, &flush);                  // from here on it is yours again
 *     pool_timers_destroy(timers);
 *
 * The caller's steps, in order: create, add and cancel, stop, destroy. One thread sleeps for all timers,
 * instead of one thread for each (X34, I30). Callbacks run in it one after another and without a lock: a slow
 * one delays the others, so let it submit the real work to a pool.
 *
 * Times are nanoseconds of the clock. Timers run in the order of their times, and for one moment in the order
 * of their adds. None runs early; how late it runs is the machine's business. A time in the past counts as
 * the moment of the last look at the clock: it runs at the next.
 *
 * A timer with a period keeps its rhythm: it is due at first, first + period, first + 2 periods and so on,
 * however late a call was. Moments that have passed unserved are not made up for one by one: one call stands
 * for them, and its tick says how many it `missed`. Calls and missed add up to the moments that came due.
 *
 * Any thread may call anything, from inside a callback too, unless it says otherwise here.
 */
#ifndef DEEPEND_POOL_TIMERS_H
#define DEEPEND_POOL_TIMERS_H

#include "clock.h"
#include "status.h"
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

struct pool_timers;

enum pool_timers_driver {
    POOL_TIMERS_THREAD, /* a thread of its own calls the timers, by the system's clock */
    POOL_TIMERS_POLLED, /* whoever calls pool_timers_poll calls them, by any clock; no thread is made */
};

struct pool_timers_options {
    enum pool_timers_driver driver;
    const struct pool_clock *clock; /* POLLED: must live as long as the timers; NULL: the system's. THREAD:
                                       NULL, since a thread cannot sleep by another clock */
};

/* OPTIONS may be NULL: a thread. POOL_OK; POOL_INVALID; POOL_NO_MEMORY; POOL_NO_THREAD: then nothing is left
 * and *TIMERS is NULL. */
POOL_MUST_LOOK enum pool_status pool_timers_create(struct pool_timers **timers,
                                                   const struct pool_timers_options *options);

/* From now on no callback begins. POOL_OK: those that ran have returned, the thread is joined, and every
 * timer is its owner's again. Several callers at once, or a repeat, are fine: all return when that is done.
 * From inside a callback: POOL_WOULD_DEADLOCK, nothing changed. POOL_INVALID for NULL. */
enum pool_status pool_timers_stop(struct pool_timers *timers);

/* pool_timers_stop, then free. NULL is fine. Nobody else may be inside, and never from a callback (asserted).
 */
void pool_timers_destroy(struct pool_timers *timers);

/* --- timers --------------------------------------------------------------------------------------------- */

/* What a callback is told. */
struct pool_tick {
    uint64_t due;    /* the moment that this call is for: the latest that has come due */
    uint64_t now;    /* the moment at which it was seen to be due */
    uint64_t missed; /* earlier moments since the last call that this one stands for; 0 without a period */
};

typedef void pool_timer_run(void *arg, const struct pool_tick *tick);

/* Zeroed before the first add. All fields are the timers' own. */
struct pool_timer {
    uint64_t due, period, order;
    size_t place; /* in the heap, from 1; 0: not waiting */
    pool_timer_run *run;
    void *arg;
};

/* Call RUN with ARG at DUE, and from then on every PERIOD (0: only once). POOL_OK: from here to the call of a
 * timer without a period, or to the return of cancel or stop, TIMER must stay where it is. POOL_ALREADY: it
 * waits, and nothing changed; POOL_CANCELLED: its callback runs and a cancel waits for that; POOL_STOPPED;
 * POOL_NO_MEMORY; POOL_INVALID for a NULL.
 *
 * A timer without a period is yours when its callback begins: that may add it again, or free it. One with a
 * period must be cancelled first, also from inside. If its time plus the period is beyond the end of the
 * clock's numbers, that call was the last. */
POOL_MUST_LOOK enum pool_status pool_timers_add(struct pool_timers *timers, struct pool_timer *timer,
                                                uint64_t due, uint64_t period, pool_timer_run *run,
                                                void *arg);

/* Take TIMER back: when this returns it is not waiting, and not running in another thread. It waits for a
 * callback that runs, unless that is this very one. POOL_OK: a call that was to come will not. POOL_ALREADY:
 * there was none to come. POOL_INVALID for a NULL. Do not call it with a lock in hand that the callback
 * takes.
 */
enum pool_status pool_timers_cancel(struct pool_timers *timers, struct pool_timer *timer);

/* Call, in this thread, what is due now; what the callbacks add is for the next poll. Returns how many were
 * called. *NEXT, which may be NULL: when to poll again; UINT64_MAX: nothing waits. 0 after stop and for NULL.
 * Several threads may poll: different timers may then run at once, and one without a period that adds itself
 * again may begin in another thread before it has returned in this one. */
size_t pool_timers_poll(struct pool_timers *timers, uint64_t *next);

/* How many wait; those that run are not counted. 0 for NULL. */
size_t pool_timers_count(struct pool_timers *timers);

#ifdef __cplusplus
}
#endif

#endif
