/* future.c - the one moment at which a future is set, and who hears of it; see future.h.
 *
 * Everything is guarded by the future's own lock. The setter takes the continuation out under it and calls it
 * after: from its unlock on the future may be gone.
 */
#include "future.h"
#include "pool_monitor.h"

void pool_future_init(struct pool_future *future)
{
    pool_waitpoint_init(&future->point);
    future->is_set = false;
    future->outcome = (struct pool_outcome){.status = POOL_EMPTY};
    future->then = NULL;
    future->then_context = NULL;
}

void pool_future_release(struct pool_future *future)
{
    if (future)
        pool_waitpoint_release(&future->point);
}

enum pool_status pool_future_set(struct pool_future *future, enum pool_status status, void *value)
{
    struct pool_outcome outcome = {status, value};

    if (!future)
        return POOL_INVALID;
    pool_waitpoint_lock(&future->point);
    bool first = !future->is_set;
    pool_continuation *then = first ? future->then : NULL;
    void *context = future->then_context;
    if (first) {
        future->outcome = outcome;
        future->is_set = true;
        pool_waitpoint_wake_all(&future->point);
    }
    pool_waitpoint_unlock(&future->point); /* the last touch */
    if (then)
        then(context, outcome);
    return first ? POOL_OK : POOL_ALREADY;
}

enum pool_status pool_future_abandon(struct pool_future *future)
{
    return pool_future_set(future, POOL_DISCARDED, NULL);
}

/* Wait for the outcome until DEADLINE (NULL: for ever). */
static bool wait_set(struct pool_future *future, struct pool_outcome *outcome,
                     const struct timespec *deadline)
{
    bool late = false;

    pool_waitpoint_lock(&future->point);
    while (!future->is_set && !late)
        late = pool_waitpoint_sleep(&future->point, deadline);
    bool is_set = future->is_set; /* also when late: it may have been set at the last moment */
    if (is_set && outcome)
        *outcome = future->outcome;
    pool_waitpoint_unlock(&future->point);
    return is_set;
}

enum pool_status pool_future_wait(struct pool_future *future, struct pool_outcome *outcome)
{
    if (!future)
        return POOL_INVALID;
    wait_set(future, outcome, NULL);
    return POOL_OK;
}

enum pool_status pool_future_wait_until(struct pool_future *future, struct pool_outcome *outcome,
                                        const struct timespec *deadline)
{
    if (!future || !deadline_is_valid(deadline))
        return POOL_INVALID;
    return wait_set(future, outcome, deadline) ? POOL_OK : POOL_TIMED_OUT;
}

enum pool_status pool_future_poll(struct pool_future *future, struct pool_outcome *outcome)
{
    if (!future)
        return POOL_INVALID;
    pool_waitpoint_lock(&future->point);
    bool is_set = future->is_set;
    if (is_set && outcome)
        *outcome = future->outcome;
    pool_waitpoint_unlock(&future->point);
    return is_set ? POOL_OK : POOL_EMPTY;
}

enum pool_status pool_future_then(struct pool_future *future, pool_continuation *then, void *context)
{
    if (!future || !then)
        return POOL_INVALID;
    pool_waitpoint_lock(&future->point);
    bool free_place = !future->then, is_set = future->is_set;
    struct pool_outcome outcome = future->outcome;
    if (free_place) {
        future->then = then;
        future->then_context = context;
    }
    pool_waitpoint_unlock(&future->point);
    if (free_place && is_set)
        then(context, outcome);
    return free_place ? POOL_OK : POOL_ALREADY;
}
