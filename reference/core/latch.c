/* latch.c - the count of latch.h and the moment it opens.
 *
 * Everything is guarded by the latch's own lock. Not here: a count that is changed without the lock. It would
 * save a few nanoseconds, and let the waiter free the latch while the last done still wakes it.
 */
#include "latch.h"
#include "pool_monitor.h"

#include <stdint.h>

void pool_latch_init(struct pool_latch *latch, size_t count)
{
    pool_waitpoint_init(&latch->point);
    latch->count = count;
    latch->open = false;
}

void pool_latch_release(struct pool_latch *latch)
{
    if (latch)
        pool_waitpoint_release(&latch->point);
}

enum pool_status pool_latch_add(struct pool_latch *latch, size_t count)
{
    enum pool_status status = POOL_OK;

    if (!latch)
        return POOL_INVALID;
    pool_waitpoint_lock(&latch->point);
    if (latch->open)
        status = POOL_ALREADY;
    else if (count > SIZE_MAX - latch->count)
        status = POOL_INVALID;
    else
        latch->count += count;
    pool_waitpoint_unlock(&latch->point);
    return status;
}

enum pool_status pool_latch_done(struct pool_latch *latch, size_t count)
{
    if (!latch)
        return POOL_INVALID;
    pool_waitpoint_lock(&latch->point);
    bool counted = count <= latch->count;
    if (counted)
        latch->count -= count;
    if (counted && latch->count == 0 && latch->point.sleepers > 0) {
        latch->open = true; /* here, so that nobody adds between this and the waiters' waking */
        pool_waitpoint_wake_all(&latch->point);
    }
    pool_waitpoint_unlock(&latch->point); /* the last touch */
    return counted ? POOL_OK : POOL_INVALID;
}

/* Wait for zero until DEADLINE (NULL: for ever). */
static bool wait_open(struct pool_latch *latch, const struct timespec *deadline)
{
    bool late = false;

    pool_waitpoint_lock(&latch->point);
    if (latch->count == 0)
        latch->open = true;
    while (!latch->open && !late)
        late = pool_waitpoint_sleep(&latch->point, deadline);
    bool open = latch->open; /* also when late: it may have opened at the last moment */
    pool_waitpoint_unlock(&latch->point);
    return open;
}

enum pool_status pool_latch_wait(struct pool_latch *latch)
{
    if (!latch)
        return POOL_INVALID;
    wait_open(latch, NULL);
    return POOL_OK;
}

enum pool_status pool_latch_wait_until(struct pool_latch *latch, const struct timespec *deadline)
{
    if (!latch || !deadline_is_valid(deadline))
        return POOL_INVALID;
    return wait_open(latch, deadline) ? POOL_OK : POOL_TIMED_OUT;
}

size_t pool_latch_count(struct pool_latch *latch)
{
    if (!latch)
        return 0;
    pool_waitpoint_lock(&latch->point);
    size_t count = latch->count;
    pool_waitpoint_unlock(&latch->point);
    return count;
}
