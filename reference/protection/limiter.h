/* limiter.h - at most so many calls to the other side at once; how many is fixed, or found out.
 *
 *     struct pool_limiter *limiter;
 *     pool_limiter_create(&limiter, &(struct pool_limiter_options){
 *         .rule = POOL_LIMITER_GRADIENT, .start = 20, .floor = 4, .ceiling = 200, .window = POOL_SECOND});
 *     struct pool_limiter_permit permit;
 *     if (pool_limiter_try(limiter, &permit) != POOL_OK) ...          // shed the call, or queue it
 *     int ok = call_the_other_side();
 *     pool_limiter_done(limiter, &permit, ok ? POOL_CALL_GOOD : POOL_CALL_FAILED);
 *
 * A fixed limit is a number to keep true by hand; the other rules keep it where the calls stay quick: AIMD
 * around a latency that you name, gradient and Vegas around the one that they have seen (limit_rule.h has
 * formulas and sources). Latency is measured from the permit to `done`, so wait for nothing else in between.
 * A rate is another matter (X20): bucket.h.
 *
 * The caller's steps: create; for each call try or wait, call, done; stop; destroy. Any thread may call any
 * function, and end a call that another has begun. Only pool_limiter_wait sleeps. POOL_INVALID answers NULL.
 * Whoever holds a permit and waits for another of the same limiter may wait for itself (I07): the deadline
 * ends that.
 */
#ifndef DEEPEND_POOL_LIMITER_H
#define DEEPEND_POOL_LIMITER_H

#include "call_outcome.h"
#include "clock.h"
#include "status.h"
#include <stdint.h>
#include <time.h>

#ifdef __cplusplus
extern "C" {
#endif

struct pool_limiter;

enum pool_limiter_rule { POOL_LIMITER_FIXED, POOL_LIMITER_AIMD, POOL_LIMITER_GRADIENT, POOL_LIMITER_VEGAS };

enum { POOL_LIMITER_MOST = 1000000 };

/* 0 is refused where a number is looked at (M27). */
struct pool_limiter_options {
    enum pool_limiter_rule rule;
    unsigned start;                 /* the limit to begin with, 1 to POOL_LIMITER_MOST */
    unsigned floor, ceiling;        /* 1 <= floor <= start <= ceiling; FIXED does not look at these, */
    uint64_t window;                /* nor here: ns between two decisions, and at least ten calls */
    uint64_t slow;                  /* AIMD: the mean latency, ns, above which the limit shrinks */
    const struct pool_clock *clock; /* copied; NULL: the system's */
};

POOL_MUST_LOOK enum pool_status pool_limiter_create(struct pool_limiter **limiter,
                                                    const struct pool_limiter_options *options);

/* Plain data, the caller's; it lives until `done`. */
struct pool_limiter_permit {
    uint64_t since; /* by the limiter's clock */
    int held;
};

/* Begin a call if the limit allows it and nobody waits: POOL_OK. POOL_REJECTED; POOL_STOPPED after stop. */
POOL_MUST_LOOK enum pool_status pool_limiter_try(struct pool_limiter *limiter,
                                                 struct pool_limiter_permit *permit);

/* Wait for it until DEADLINE (CLOCK_MONOTONIC), in the order of arrival: POOL_OK, POOL_TIMED_OUT, or
 * POOL_STOPPED, also when the stop comes during the wait. A deadline in the past still tries. */
POOL_MUST_LOOK enum pool_status pool_limiter_wait(struct pool_limiter *limiter,
                                                  struct pool_limiter_permit *permit,
                                                  const struct timespec *deadline);

/* The call has ended so. POOL_INVALID, and nothing changes, for a PERMIT that is not held (any more). */
enum pool_status pool_limiter_done(struct pool_limiter *limiter, struct pool_limiter_permit *permit,
                                   enum pool_call_outcome outcome);

/* Set the limit by hand, 1 to POOL_LIMITER_MOST; an adaptive rule goes on from there, within its floor and
 * ceiling. Fewer than are in flight interrupts none: new ones wait until enough have ended. */
enum pool_status pool_limiter_set(struct pool_limiter *limiter, unsigned limit);

/* Begin no more calls, and send those away that wait for one. Again is fine. */
enum pool_status pool_limiter_stop(struct pool_limiter *limiter);

/* A snapshot. begun = in_flight + good + failed + ignored. */
struct pool_limiter_counts {
    unsigned limit, in_flight, peak, waiting;
    unsigned long long begun, good, failed, ignored, refused, changes; /* changes of the limit by the rule */
};
struct pool_limiter_counts pool_limiter_counts(struct pool_limiter *limiter);

/* Free it. NULL is fine. Nobody may wait (asserted) or call later. */
void pool_limiter_destroy(struct pool_limiter *limiter);

#ifdef __cplusplus
}
#endif

#endif
