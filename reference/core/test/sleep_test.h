/* sleep_test.h - sleeps at a condition variable that end as a test says: for no reason, or late.
 *
 * A program that includes this needs among its first lines the comment
 *     link: -Wl,--wrap=pthread_cond_wait,--wrap=pthread_cond_timedwait
 */
#ifndef DEEPEND_SLEEP_TEST_H
#define DEEPEND_SLEEP_TEST_H

#include "parts_test.h"

/* The next `times` sleeps do not sleep: they drop the mutex, call `meanwhile`, take it, and answer `answer`.
 * The wrappers have no argument for this, so it has to be global; one thread alone may sleep meanwhile. */
static struct {
    int times, answer;
    void (*meanwhile)(void *arg);
    void *arg;
} sleeps;

int __real_pthread_cond_wait(pthread_cond_t *cond, pthread_mutex_t *mutex);
int __real_pthread_cond_timedwait(pthread_cond_t *cond, pthread_mutex_t *mutex, const struct timespec *until);

static inline int sleep_end(pthread_mutex_t *mutex)
{
    sleeps.times--;
    pthread_mutex_unlock(mutex);
    if (sleeps.meanwhile)
        sleeps.meanwhile(sleeps.arg);
    pthread_mutex_lock(mutex);
    return sleeps.answer;
}

int __wrap_pthread_cond_wait(pthread_cond_t *cond, pthread_mutex_t *mutex)
{
    return sleeps.times > 0 ? sleep_end(mutex) : __real_pthread_cond_wait(cond, mutex);
}

int __wrap_pthread_cond_timedwait(pthread_cond_t *cond, pthread_mutex_t *mutex, const struct timespec *until)
{
    return sleeps.times > 0 ? sleep_end(mutex) : __real_pthread_cond_timedwait(cond, mutex, until);
}

static inline void sleeps_end(int times, int answer, void (*meanwhile)(void *arg), void *arg)
{
    sleeps.times = times;
    sleeps.answer = answer;
    sleeps.meanwhile = meanwhile;
    sleeps.arg = arg;
}

#endif
