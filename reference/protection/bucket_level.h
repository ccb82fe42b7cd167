/* bucket_level.h - the exact arithmetic of a token bucket, as plain data. Private to this room: the bucket
 * and the admission gate each hold one under a lock of their own.
 *
 * No fractions and no rounding: for a rate of R tokens in P nanoseconds (divided by their greatest common
 * divisor) a token is P units, and R units come in each nanosecond. So after any number of looks at the clock
 * the level is what one look would have given, and ten million takes in a year are off by none.
 */
#ifndef DEEPEND_POOL_BUCKET_LEVEL_H
#define DEEPEND_POOL_BUCKET_LEVEL_H

#include <stdbool.h>
#include <stdint.h>

struct pool_bucket_level {
    uint64_t gain;  /* units that come in each nanosecond */
    uint64_t price; /* units of one token */
    uint64_t burst; /* tokens that a full bucket holds */
    int64_t level;  /* units in it; below 0: so many are promised already */
    uint64_t at;    /* when that was so */
};

/* A full bucket. False, and nothing is set, if a number is 0 or a full bucket has more than 2^62 units. */
bool pool_bucket_level_init(struct pool_bucket_level *bucket, uint64_t tokens, uint64_t period,
                            uint64_t burst, uint64_t now);

/* Let the time pass until NOW; a NOW before the last one counts as that. */
void pool_bucket_level_advance(struct pool_bucket_level *bucket, uint64_t now);

/* Nanoseconds until COUNT tokens (0 to burst) are there; 0: they are. Rounded up: then they are there. */
uint64_t pool_bucket_level_wait(const struct pool_bucket_level *bucket, uint64_t count);

/* Take COUNT tokens (0 to burst), there or not. False, and nothing is taken, if that many promises are beyond
 * counting. */
bool pool_bucket_level_spend(struct pool_bucket_level *bucket, uint64_t count);

/* Put COUNT tokens back; what does not fit is lost. */
void pool_bucket_level_give(struct pool_bucket_level *bucket, uint64_t count);

#endif
