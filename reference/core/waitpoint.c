/* waitpoint.c - the lock and the sleepers of waitpoint.h: a mutex, a condition variable, a count.
 *
 * The pthread calls fail only if they are misused, which is asserted (pool_monitor.h says more).
 */
#include "waitpoint.h"
#include "pool_monitor.h"

void pool_waitpoint_init(struct pool_waitpoint *point)
{
    pthread_condattr_t attributes;
    must(pthread_condattr_init(&attributes));
    must(pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC));
    must(pthread_cond_init(&point->cond, &attributes));
    must(pthread_condattr_destroy(&attributes));
    must(pthread_mutex_init(&point->mutex, NULL));
    point->sleepers = 0;
}

/* Through the lock once: the waker may still be inside when its news has been read by another thread. */
void pool_waitpoint_release(struct pool_waitpoint *point)
{
    pool_waitpoint_lock(point);
    assert(point->sleepers == 0);
    pool_waitpoint_unlock(point);
    must(pthread_cond_destroy(&point->cond));
    must(pthread_mutex_destroy(&point->mutex));
}

void pool_waitpoint_lock(struct pool_waitpoint *point)
{
    must(pthread_mutex_lock(&point->mutex));
}

void pool_waitpoint_unlock(struct pool_waitpoint *point)
{
    must(pthread_mutex_unlock(&point->mutex));
}

bool pool_waitpoint_sleep(struct pool_waitpoint *point, const struct timespec *deadline)
{
    point->sleepers++;
    int error = deadline ? pthread_cond_timedwait(&point->cond, &point->mutex, deadline)
                         : pthread_cond_wait(&point->cond, &point->mutex);
    point->sleepers--;
    if (error != ETIMEDOUT)
        must(error);
    return error == ETIMEDOUT;
}

void pool_waitpoint_wake_all(struct pool_waitpoint *point)
{
    if (point->sleepers > 0)
        must(pthread_cond_broadcast(&point->cond));
}
