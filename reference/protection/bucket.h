/* bucket.h - a token bucket: so many a second in the long run, and so many at once.
 *
 *     struct pool_bucket *bucket;   // 100 a second, 20 at once
 *     pool_bucket_create(&bucket, &(struct pool_bucket_options){.tokens = 100, .period = POOL_SECOND, .burst
 * = 20}); uint64_t wait; if (pool_bucket_take(bucket, 1, &wait) != POOL_OK) ...          // refused: worth a
 * try in `wait` ns if (pool_bucket_reserve(bucket, 1, POOL_SECOND, &wait) == POOL_OK) ...  // go ahead in
 * `wait` ns
 *
 * It limits a rate, never how many are at work at once (X20): at 100 a second and 30 s each it lets 3,000 be
 * under way. For that take a limiter (limiter.h), for both an admission gate (admission.h).
 *
 * Any thread may call any function; each holds the bucket's one lock for a moment, asks the clock, and never
 * sleeps: whoever has to wait is told how long, and puts the work into a timer queue rather than hold a
 * worker. The arithmetic is exact (bucket_level.h). POOL_INVALID answers NULL, a count of 0 and one above the
 * burst, which could never be there at once.
 *
 * The idea is from J. S. Turner, "New directions in communications", IEEE Communications Magazine, 1986.
 */
#ifndef DEEPEND_POOL_BUCKET_H
#define DEEPEND_POOL_BUCKET_H

#include "clock.h"
#include "status.h"
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

struct pool_bucket;

/* 0 is refused everywhere (M27): there is no unlimited bucket, and none that is always empty. burst * period
 * / gcd(tokens, period) may be 2^62 at most. */
struct pool_bucket_options {
    uint64_t tokens;                /* so many come in */
    uint64_t period;                /* in so many nanoseconds */
    uint64_t burst;                 /* tokens that a full bucket holds; it begins full */
    const struct pool_clock *clock; /* copied; NULL: the system's */
};

/* POOL_OK; POOL_INVALID or POOL_NO_MEMORY with *BUCKET NULL. */
POOL_MUST_LOOK enum pool_status pool_bucket_create(struct pool_bucket **bucket,
                                                   const struct pool_bucket_options *options);

/* Take COUNT tokens if they are there: POOL_OK. If not, POOL_REJECTED and nothing is taken. *WAIT (may be
 * NULL) becomes the nanoseconds until they would be there if nobody else took any; 0 with POOL_OK. */
POOL_MUST_LOOK enum pool_status pool_bucket_take(struct pool_bucket *bucket, uint64_t count, uint64_t *wait);

/* Take COUNT tokens even if they are yet to come: POOL_OK, and they are the caller's in *WAIT nanoseconds
 * (never NULL; 0: now). Later callers queue up behind that promise. POOL_REJECTED and nothing is taken if it
 * would be more than AT_MOST nanoseconds; *WAIT says how many. */
POOL_MUST_LOOK enum pool_status pool_bucket_reserve(struct pool_bucket *bucket, uint64_t count,
                                                    uint64_t at_most, uint64_t *wait);

/* Give COUNT tokens back (0 and more than the burst are fine): a reservation that is not used after all. What
 * does not fit is lost. Promises made to others meanwhile keep their times. */
enum pool_status pool_bucket_give(struct pool_bucket *bucket, uint64_t count);

/* Whole tokens that could be taken now; 0 for NULL. */
uint64_t pool_bucket_available(struct pool_bucket *bucket);

/* Free it. NULL is fine. Nobody may be calling, or call later. */
void pool_bucket_destroy(struct pool_bucket *bucket);

#ifdef __cplusplus
}
#endif

#endif
