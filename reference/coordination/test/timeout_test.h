/* timeout_test.h - a deadline that passes exactly when a test says so.
 *
 * A test that includes this links with --wrap=pthread_cond_timedwait. A wait until `at_the_gate` lets go of
 * the mutex, stops in `timeout_gate`, takes the mutex again and says ETIMEDOUT: what the real call does, but
 * the test decides what happens between the deadline and the lock. Any other deadline is left to the real
 * call.
 */
#ifndef DEEPEND_TIMEOUT_TEST_H
#define DEEPEND_TIMEOUT_TEST_H

#include "coordination_test.h"
#include <errno.h>
#include <limits.h>

static const struct timespec at_the_gate = {.tv_sec = INT_MAX, .tv_nsec = 7};
static struct gate timeout_gate; /* the wrapper has no argument for it, so it has to be global */

int __real_pthread_cond_timedwait(pthread_cond_t *cond, pthread_mutex_t *mutex, const struct timespec *until);

int __wrap_pthread_cond_timedwait(pthread_cond_t *cond, pthread_mutex_t *mutex, const struct timespec *until)
{
    if (until->tv_sec != at_the_gate.tv_sec || until->tv_nsec != at_the_gate.tv_nsec)
        return __real_pthread_cond_timedwait(cond, mutex, until);
    pthread_mutex_unlock(mutex);
    gate_pass(&timeout_gate);
    pthread_mutex_lock(mutex);
    return ETIMEDOUT;
}

#endif
