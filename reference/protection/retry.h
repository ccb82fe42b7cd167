/* retry.h - whether to try again, and when: backoff with jitter, attempts, a total deadline, and a budget.
 *
 *     static const struct pool_retry_policy policy = {.attempts = 4, .base = POOL_SECOND, .most = 8 *
 * POOL_SECOND, .total = 20 * POOL_SECOND, .jitter = POOL_JITTER_FULL}; struct pool_retry retry;
 *     pool_retry_begin(&retry, &policy, budget, request_number);
 *     while (!try_it() && pool_retry_next(&retry, 0, &delay) == POOL_OK)
 *         ... come back in `delay` ns: into a timer queue, so that no worker sleeps (I15) ...
 *
 * With b = base, m = most and n = 0, 1, ... for the first retry, the second, ...; r(x) is a random number
 * from 0 to x:
 *
 *   NONE          min(m, b * 2^n)                    all who failed together come back together
 *   FULL          r(min(m, b * 2^n))                 the fewest calls and the quickest end of a crowd
 *   EQUAL         half of that, plus r(the half)     never at once
 *   DECORRELATED  min(m, b + r(3 * last - b))        last: the delay before, b at first
 *   ADDED         min(m, b * 2^n) + r(b)             the seeds' 1, 2, 4 s plus up to 1 s
 *
 * The middle three are from M. Brooker, "Exponential Backoff And Jitter", AWS Architecture Blog, 2015. After
 * the last failure there is no delay: the answer comes at once (X26). Only repeat what may be done twice.
 */
#ifndef DEEPEND_POOL_RETRY_H
#define DEEPEND_POOL_RETRY_H

#include "clock.h"
#include "retry_budget.h"
#include "status.h"
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

enum pool_jitter {
    POOL_JITTER_NONE,
    POOL_JITTER_FULL,
    POOL_JITTER_EQUAL,
    POOL_JITTER_DECORRELATED,
    POOL_JITTER_ADDED
};

#define POOL_RETRY_NO_DEADLINE UINT64_MAX

/* 0 is refused for all but the clock (M27). Times are nanoseconds. Must outlive the retries that use it. */
struct pool_retry_policy {
    unsigned attempts; /* in all, the first included; 1: never again */
    uint64_t base, most;
    uint64_t total; /* from begin; no retry is begun later. POOL_RETRY_NO_DEADLINE: there is none */
    enum pool_jitter jitter;
    const struct pool_clock *clock; /* NULL: the system's; not copied */
};

/* One operation and its attempts: plain data, one thread at a time. The fields are the module's. */
struct pool_retry {
    const struct pool_retry_policy *policy;
    struct pool_retry_budget *budget;
    uint64_t chance, begun, last;
    unsigned attempts; /* begun so far: may be read */
    int too_late;
};

/* The first attempt begins now. BUDGET may be NULL; else this counts as a request there. SEED must differ
 * from operation to operation (its number will do): equal ones wait equally long, jitter or not. POOL_OK, or
 * POOL_INVALID. */
POOL_MUST_LOOK enum pool_status pool_retry_begin(struct pool_retry *retry,
                                                 const struct pool_retry_policy *policy,
                                                 struct pool_retry_budget *budget, uint64_t seed);

/* An attempt has failed. POOL_OK: try again in *DELAY ns. AT_LEAST is the other side's own wish (Retry-After,
 * a breaker's retry_after) or 0; a longer one than the jitter's delay is kept, with jitter of up to `base` on
 * top of it. Else *DELAY is 0 and it is over: POOL_FAILED, the attempts are used up; POOL_TIMED_OUT, the next
 * one would begin after the deadline; POOL_REJECTED, the budget is spent. Asked again, the first two say so
 * again. */
POOL_MUST_LOOK enum pool_status pool_retry_next(struct pool_retry *retry, uint64_t at_least, uint64_t *delay);

#ifdef __cplusplus
}
#endif

#endif
