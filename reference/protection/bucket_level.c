/* bucket_level.c - the exact arithmetic of a token bucket, see bucket_level.h.
 *
 * Every product below is bounded before it is formed: a full bucket has at most 2^62 units, promises reach
 * as far below 0, and an elapsed time is multiplied only if it does not fill the bucket.
 */
#include "bucket_level.h"

#include <assert.h>

static const int64_t MOST = INT64_C(1) << 62;

static uint64_t common_divisor(uint64_t a, uint64_t b)
{
    while (b) {
        uint64_t rest = a % b;
        a = b;
        b = rest;
    }
    return a;
}

static uint64_t divide_up(uint64_t a, uint64_t b)
{
    return a / b + (a % b != 0);
}

static int64_t full(const struct pool_bucket_level *bucket)
{
    return (int64_t)(bucket->burst * bucket->price);
}

bool pool_bucket_level_init(struct pool_bucket_level *bucket, uint64_t tokens, uint64_t period,
                            uint64_t burst, uint64_t now)
{
    if (tokens == 0 || period == 0 || burst == 0)
        return false;
    uint64_t divisor = common_divisor(tokens, period);
    uint64_t price = period / divisor;
    if (burst > (uint64_t)MOST / price)
        return false;
    *bucket = (struct pool_bucket_level){.gain = tokens / divisor, .price = price, .burst = burst, .at = now};
    bucket->level = full(bucket);
    return true;
}

void pool_bucket_level_advance(struct pool_bucket_level *bucket, uint64_t now)
{
    if (now <= bucket->at)
        return;
    uint64_t missing = (uint64_t)full(bucket) - (uint64_t)bucket->level;
    uint64_t elapsed = now - bucket->at;
    bucket->at = now;
    if (elapsed >= divide_up(missing, bucket->gain))
        bucket->level = full(bucket);
    else
        bucket->level += (int64_t)(elapsed * bucket->gain);
}

uint64_t pool_bucket_level_wait(const struct pool_bucket_level *bucket, uint64_t count)
{
    assert(count <= bucket->burst);
    int64_t needed = (int64_t)(count * bucket->price);
    if (bucket->level >= needed)
        return 0;
    return divide_up((uint64_t)needed - (uint64_t)bucket->level, bucket->gain);
}

bool pool_bucket_level_spend(struct pool_bucket_level *bucket, uint64_t count)
{
    assert(count <= bucket->burst);
    int64_t needed = (int64_t)(count * bucket->price);
    if (bucket->level < needed - MOST)
        return false;
    bucket->level -= needed;
    return true;
}

void pool_bucket_level_give(struct pool_bucket_level *bucket, uint64_t count)
{
    uint64_t missing = (uint64_t)full(bucket) - (uint64_t)bucket->level;
    if (count > missing / bucket->price)
        bucket->level = full(bucket);
    else
        bucket->level += (int64_t)(count * bucket->price);
}
