/* admission.h - the gate at the edge of a service: a rate and a number inside at once, together.
 *
 *     struct pool_admission *gate;   // 100 a second, 20 in a burst, 200 inside
 *     pool_admission_create(&gate, &(struct pool_admission_options){
 *         .tokens = 100, .period = POOL_SECOND, .burst = 20, .limit = 200});
 *     struct pool_admission_pass pass;
 *     if (pool_admission_enter(gate, &pass) != POOL_OK)
 *         return answer_503(pool_admission_seconds(pass.retry_after));   // Retry-After: SECONDS
 *     ... pool_try_submit(...) ...
 *     pool_admission_leave(gate, &pass);
 *
 * Both, because neither does the other's work (X20): a rate lets slow requests pile up, a number lets fast
 * ones through at any rate. Whoever wants one alone takes a bucket (bucket.h) or a limiter (limiter.h). From
 * a number follows a rate only by division: limit / mean time inside (X38); load tests at 0.7 of that.
 *
 * The caller's steps: create; for each request enter, work, leave; close or drain; destroy. Any thread may
 * call any function, and leave a request that another has entered. All but pool_admission_drain hold the
 * gate's one lock for a moment and never sleep. POOL_INVALID answers NULL.
 */
#ifndef DEEPEND_POOL_ADMISSION_H
#define DEEPEND_POOL_ADMISSION_H

#include "clock.h"
#include "status.h"
#include <stdint.h>
#include <time.h>

#ifdef __cplusplus
extern "C" {
#endif

struct pool_admission;

/* 0 is refused for all but the last three (M27). */
struct pool_admission_options {
    uint64_t tokens, period, burst; /* the rate, as in bucket.h: tokens in so many nanoseconds */
    unsigned limit;                 /* inside at once */
    uint64_t hint;                  /* retry_after for want of room before anybody has left; 0: a second */
    uint64_t seed;                  /* of the chance that spreads the hints */
    const struct pool_clock *clock; /* copied; NULL: the system's */
};

POOL_MUST_LOOK enum pool_status pool_admission_create(struct pool_admission **gate,
                                                      const struct pool_admission_options *options);

enum pool_admission_reason {
    POOL_ADMISSION_GRANTED,
    POOL_ADMISSION_NO_ROOM, /* `limit` are inside */
    POOL_ADMISSION_TOO_FAST /* the bucket is empty */
};

/* What the gate said to one request. Plain data, the caller's; it lives until the request leaves. */
struct pool_admission_pass {
    uint64_t entered;     /* by the gate's clock */
    uint64_t retry_after; /* nanoseconds; 0 unless refused */
    enum pool_admission_reason reason;
    int inside; /* it has entered and not left */
};

/* Let one request in: POOL_OK. POOL_REJECTED with PASS->reason; a refusal takes no token. POOL_STOPPED after
 * close. A refused one learns when another try makes sense: for the rate when a token will be there, for the
 * room the time in which one request leaves on average (Little's law: mean time inside / limit). By chance it
 * is up to twice that, or all who were refused would come back as one herd. */
POOL_MUST_LOOK enum pool_status pool_admission_enter(struct pool_admission *gate,
                                                     struct pool_admission_pass *pass);

/* The request is done, however it went. POOL_INVALID, and nothing changes, for a PASS that is not inside: it
 * was refused, or has left before. */
enum pool_status pool_admission_leave(struct pool_admission *gate, struct pool_admission_pass *pass);

/* Let nobody in any more. Again is fine. */
enum pool_status pool_admission_close(struct pool_admission *gate);

/* Close, and wait until all inside have left: POOL_OK. POOL_TIMED_OUT: DEADLINE (CLOCK_MONOTONIC) has passed
 * first, *LEFT (may be NULL) are inside. Not from a request that is inside: it would wait for itself until
 * the deadline. */
enum pool_status pool_admission_drain(struct pool_admission *gate, const struct timespec *deadline,
                                      unsigned *left);

/* A snapshot. entered = left + inside; every call of enter is in one of entered, no_room, too_fast, closed.
 */
struct pool_admission_counts {
    unsigned inside, peak;
    unsigned long long entered, left, no_room, too_fast, closed;
};
struct pool_admission_counts pool_admission_counts(struct pool_admission *gate);

/* Nanoseconds as the whole seconds of a Retry-After header (RFC 9110, 10.2.3): rounded up, at least 1. */
uint64_t pool_admission_seconds(uint64_t nanoseconds);

/* Free it. NULL is fine. Nobody may be calling or call later; whoever is still inside must not leave. */
void pool_admission_destroy(struct pool_admission *gate);

#ifdef __cplusplus
}
#endif

#endif
