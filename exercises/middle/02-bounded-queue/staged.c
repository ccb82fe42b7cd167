/* staged.c - the condition variables of staged.h.
 *
 * These definitions of pthread_cond_... stand in the program itself and so come before libc's. A waiting
 * thread stands in one list, in the order of arrival, and sleeps on a word of its own. It enters the list
 * while it still holds the mutex: from then on every signal sees it. The memory of a pthread_cond_t holds
 * nothing but its clock, and PTHREAD_COND_INITIALIZER (all zero) is CLOCK_REALTIME, as it should be.
 */
#include "staged.h"

#include "../../../grader/check/check.h"

#include <errno.h>
#include <linux/futex.h>
#include <pthread.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#ifdef __has_feature
#if __has_feature(thread_sanitizer)
#define UNSTAGED
#endif
#endif

#ifndef UNSTAGED

enum { LATE_MOST = 100 }; /* waits of one thread that were too late when they began */

struct sleeper {
    const pthread_cond_t *cond;
    int timed;
    int result; /* what its wait returns */
    int awake;  /* a futex: nobody but the thread's own waker wakes it */
    struct sleeper *next;
};

static struct {
    pthread_mutex_t lock; /* guards all below; taken inside the tested program's locks, never around them */
    struct sleeper *sleepers;
    struct sleeper *held; /* woken, and kept back */
    int holding;
} stage = {.lock = PTHREAD_MUTEX_INITIALIZER};

/* A gate (check.h) would do as well, but a report would then say that the thread waits for the check. */
static void sleep_until(const int *awake)
{
    while (!__atomic_load_n(awake, __ATOMIC_SEQ_CST))
        syscall(SYS_futex, awake, FUTEX_WAIT_PRIVATE, 0, NULL, NULL, 0);
}

static void awaken(int *awake)
{
    __atomic_store_n(awake, 1, __ATOMIC_SEQ_CST);
    syscall(SYS_futex, awake, FUTEX_WAKE_PRIVATE, 1, NULL, NULL,
            0); /* at worst wakes whoever came after it */
}

static void append_locked(struct sleeper **list, struct sleeper *sleeper)
{
    while (*list)
        list = &(*list)->next;
    sleeper->next = NULL;
    *list = sleeper;
}

/* Take the sleeper at *PLACE off its list and let it go. It may be gone when this returns. */
static void wake_locked(struct sleeper **place, int result)
{
    struct sleeper *sleeper = *place;

    *place = sleeper->next;
    sleeper->result = result;
    if (stage.holding)
        append_locked(&stage.held, sleeper);
    else
        awaken(&sleeper->awake);
}

/* Wake up to MOST of the threads that wait for COND (NULL: for anything), or only those in timed waits. */
static void wake(const pthread_cond_t *cond, int only_timed, int result, int most)
{
    pthread_mutex_lock(&stage.lock);
    for (struct sleeper **place = &stage.sleepers; *place && most > 0;) {
        if ((cond && (*place)->cond != cond) || (only_timed && !(*place)->timed)) {
            place = &(*place)->next;
            continue;
        }
        wake_locked(place, result);
        most--;
    }
    pthread_mutex_unlock(&stage.lock);
}

enum { ALL = 1 << 20 };

void staged_false_alarm(void)
{
    wake(NULL, 0, 0, ALL);
}

void staged_time_passes(void)
{
    wake(NULL, 1, ETIMEDOUT, ALL);
}

void staged_hold(void)
{
    pthread_mutex_lock(&stage.lock);
    stage.holding = 1;
    pthread_mutex_unlock(&stage.lock);
}

void staged_release(void)
{
    pthread_mutex_lock(&stage.lock);
    stage.holding = 0;
    while (stage.held)
        wake_locked(&stage.held, stage.held->result);
    pthread_mutex_unlock(&stage.lock);
}

/* --- what <pthread.h> promises -------------------------------------------------------------------------- */

/* The mutex is taken again by the caller, so that its frame stands on the stack of a sleeping thread: it has
 * the name that a report wants. */
static int sleep_until_woken(const pthread_cond_t *cond, pthread_mutex_t *mutex, int timed)
{
    struct sleeper me = {.cond = cond, .timed = timed};

    pthread_mutex_lock(&stage.lock);
    append_locked(&stage.sleepers, &me);
    pthread_mutex_unlock(&stage.lock);
    pthread_mutex_unlock(mutex);
    sleep_until(&me.awake);
    return me.result;
}

static int has_passed(clockid_t clock, const struct timespec *deadline)
{
    struct timespec now;

    clock_gettime(clock, &now);
    return now.tv_sec > deadline->tv_sec ||
           (now.tv_sec == deadline->tv_sec && now.tv_nsec >= deadline->tv_nsec);
}

int pthread_cond_init(pthread_cond_t *cond, const pthread_condattr_t *attributes)
{
    clockid_t clock = CLOCK_REALTIME;

    if (attributes)
        pthread_condattr_getclock(attributes, &clock);
    memset(cond, 0, sizeof *cond);
    memcpy(cond, &clock, sizeof clock);
    return 0;
}

int pthread_cond_destroy(pthread_cond_t *cond)
{
    pthread_mutex_lock(&stage.lock);
    for (const struct sleeper *sleeper = stage.sleepers; sleeper; sleeper = sleeper->next)
        CHECK_THAT(sleeper->cond != cond, CLASS_MISUSE,
                   "a condition variable was destroyed while a thread was waiting for it");
    pthread_mutex_unlock(&stage.lock);
    return 0;
}

int pthread_cond_signal(pthread_cond_t *cond)
{
    wake(cond, 0, 0, 1);
    return 0;
}

int pthread_cond_broadcast(pthread_cond_t *cond)
{
    wake(cond, 0, 0, ALL);
    return 0;
}

int pthread_cond_wait(pthread_cond_t *cond, pthread_mutex_t *mutex)
{
    int result = sleep_until_woken(cond, mutex, 0);

    pthread_mutex_lock(mutex);
    return result;
}

int pthread_cond_clockwait(pthread_cond_t *cond, pthread_mutex_t *mutex, clockid_t clock,
                           const struct timespec *deadline)
{
    static _Thread_local int late;

    if (deadline->tv_nsec < 0 || deadline->tv_nsec >= 1000000000)
        return EINVAL;
    if (!has_passed(clock, deadline)) {
        late = 0;
        int result = sleep_until_woken(cond, mutex, 1);
        pthread_mutex_lock(mutex);
        return result;
    }
    CHECK_THAT(++late < LATE_MOST, CLASS_LIVELOCK,
               "a thread began %d waits in a row after their deadline had passed: it never gives up", late);
    pthread_mutex_unlock(mutex);
    pthread_mutex_lock(mutex);
    return ETIMEDOUT;
}

int pthread_cond_timedwait(pthread_cond_t *cond, pthread_mutex_t *mutex, const struct timespec *deadline)
{
    clockid_t clock;

    memcpy(&clock, cond, sizeof clock);
    return pthread_cond_clockwait(cond, mutex, clock, deadline);
}

#else

void staged_false_alarm(void)
{
}

void staged_time_passes(void)
{
}

void staged_hold(void)
{
}

void staged_release(void)
{
}

#endif
