/* bucket.c - a token bucket: a lock around the arithmetic of bucket_level.c, and the calls. See bucket.h.
 *
 * The clock is read under the lock, so that no thread comes with an older time than the one before it.
 */
#include "bucket.h"

#include "bucket_level.h"
#include "pool_monitor.h"
#include <stdlib.h>

struct pool_bucket {
    struct pool_clock clock; /* fixed after create */
    struct lock lock;
    struct pool_bucket_level level; /* guarded by lock */
};

enum pool_status pool_bucket_create(struct pool_bucket **bucket, const struct pool_bucket_options *options)
{
    struct pool_bucket_level level;

    if (!bucket)
        return POOL_INVALID;
    *bucket = NULL;
    if (!options || !pool_bucket_level_init(&level, options->tokens, options->period, options->burst,
                                            pool_clock_now(options->clock)))
        return POOL_INVALID;
    struct pool_bucket *made = calloc(1, sizeof *made);
    if (!made)
        return POOL_NO_MEMORY;
    if (options->clock)
        made->clock = *options->clock;
    made->level = level;
    lock_init(&made->lock);
    *bucket = made;
    return POOL_OK;
}

enum pool_status pool_bucket_reserve(struct pool_bucket *bucket, uint64_t count, uint64_t at_most,
                                     uint64_t *wait)
{
    if (!bucket || !wait || count == 0 || count > bucket->level.burst)
        return POOL_INVALID;
    lock_take(&bucket->lock);
    pool_bucket_level_advance(&bucket->level, pool_clock_now(&bucket->clock));
    *wait = pool_bucket_level_wait(&bucket->level, count);
    bool taken = *wait <= at_most && pool_bucket_level_spend(&bucket->level, count);
    lock_drop(&bucket->lock);
    return taken ? POOL_OK : POOL_REJECTED;
}

enum pool_status pool_bucket_take(struct pool_bucket *bucket, uint64_t count, uint64_t *wait)
{
    uint64_t nobody_asks;
    return pool_bucket_reserve(bucket, count, 0, wait ? wait : &nobody_asks);
}

enum pool_status pool_bucket_give(struct pool_bucket *bucket, uint64_t count)
{
    if (!bucket)
        return POOL_INVALID;
    lock_take(&bucket->lock);
    pool_bucket_level_advance(&bucket->level, pool_clock_now(&bucket->clock));
    pool_bucket_level_give(&bucket->level, count);
    lock_drop(&bucket->lock);
    return POOL_OK;
}

uint64_t pool_bucket_available(struct pool_bucket *bucket)
{
    if (!bucket)
        return 0;
    lock_take(&bucket->lock);
    pool_bucket_level_advance(&bucket->level, pool_clock_now(&bucket->clock));
    int64_t level = bucket->level.level;
    lock_drop(&bucket->lock);
    return level < 0 ? 0 : (uint64_t)level / bucket->level.price;
}

void pool_bucket_destroy(struct pool_bucket *bucket)
{
    if (!bucket)
        return;
    lock_release(&bucket->lock);
    free(bucket);
}
