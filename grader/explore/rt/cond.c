/* cond.c - condition variables: waiting, timed or not; which waiter a signal wakes is a choice, and so are
 * spurious wake-ups.
 *
 * The real condition variable is never waited on: the mutex alone orders the program's accesses, here as in
 * POSIX. A signal that finds nobody, or that wakes a thread which goes back to wait without having done
 * anything, is remembered: when the program gets stuck, it may have been the one that mattered.
 */
#include "explore/rt/inside.h"

#include <errno.h>

#define HERE __builtin_return_address(0)

uint64_t time_deadline(clockid_t clock, const struct timespec *deadline); /* time.c */
void mutex_let_go(pthread_mutex_t *mutex, const void *pc);                /* mutex.c */
void mutex_take_again(pthread_mutex_t *mutex, const void *pc);

/* A waiter, on its own stack; the condition variable's waiters are found through the threads. */
struct waiter {
    int signalled;
    unsigned ticket; /* order of arrival */
};

static int is_signalled(void *context)
{
    return ((const struct waiter *)context)->signalled;
}

static int wait_until(pthread_cond_t *cond, pthread_mutex_t *mutex, uint64_t deadline, const void *pc)
{
    struct rt_object *object = object_find(cond, OBJECT_COND);
    struct waiter waiter = {0, 0};
    struct rt_thread *me = &rt.thread[rt_self()];

    rt_point(OPERATION_WAIT, cond, pc, 0);
    object_check(object, pc);
    if (me->last_woken_on == cond && me->steps == me->woken_at + 1)
        object->unheard++; /* it was woken, looked, and waits again: that signal did no good */
    waiter.ticket = object->round++;
    mutex_let_go(mutex, pc);
    object->waiting++;
    int late = 0;
    if (!rt_chance(CHOICE_SPURIOUS, rt_request()->spurious))
        late = rt_block(OPERATION_WAIT, cond, pc, is_signalled, &waiter, deadline);
    object->waiting--;
    mutex_take_again(mutex, pc);
    if (!waiter.signalled) /* else the signal would be lost with it */
        cancel_point();
    rt_note(late ? OPERATION_TIMEOUT : OPERATION_WOKEN, cond, pc, 0);
    me->last_woken_on = waiter.signalled ? cond : NULL;
    me->woken_at = me->steps;
    return late && !waiter.signalled ? ETIMEDOUT : 0;
}

int __wrap_pthread_cond_wait(pthread_cond_t *cond, pthread_mutex_t *mutex)
{
    extern int __real_pthread_cond_wait(pthread_cond_t *, pthread_mutex_t *);
    return rt_active() ? wait_until(cond, mutex, RT_NEVER, HERE) : __real_pthread_cond_wait(cond, mutex);
}

/* The clock that a condition variable was made with: glibc keeps it in bit 1 of __wrefs. */
static clockid_t clock_of(const pthread_cond_t *cond)
{
    return cond->__data.__wrefs & 2 ? CLOCK_MONOTONIC : CLOCK_REALTIME;
}

int __wrap_pthread_cond_timedwait(pthread_cond_t *cond, pthread_mutex_t *mutex,
                                  const struct timespec *deadline)
{
    extern int __real_pthread_cond_timedwait(pthread_cond_t *, pthread_mutex_t *, const struct timespec *);
    return rt_active() ? wait_until(cond, mutex, time_deadline(clock_of(cond), deadline), HERE)
                       : __real_pthread_cond_timedwait(cond, mutex, deadline);
}

int __wrap_pthread_cond_clockwait(pthread_cond_t *cond, pthread_mutex_t *mutex, clockid_t clock,
                                  const struct timespec *deadline)
{
    extern int __real_pthread_cond_clockwait(pthread_cond_t *, pthread_mutex_t *, clockid_t,
                                             const struct timespec *);
    return rt_active() ? wait_until(cond, mutex, time_deadline(clock, deadline), HERE)
                       : __real_pthread_cond_clockwait(cond, mutex, clock, deadline);
}

/* The sleeping waiters of COND that no signal has reached, by order of arrival. */
static unsigned sleepers(const pthread_cond_t *cond, struct waiter **list)
{
    unsigned count = 0;

    for (unsigned i = 0; i < rt.threads; i++) {
        struct rt_thread *t = &rt.thread[i];
        struct waiter *waiter = t->context;
        if (t->state != THREAD_STUCK || t->operation != OPERATION_WAIT || t->object != cond || t->timed_out ||
            waiter->signalled)
            continue;
        unsigned at = count++;
        for (; at > 0 && list[at - 1]->ticket > waiter->ticket; at--)
            list[at] = list[at - 1];
        list[at] = waiter;
    }
    return count;
}

static void signal(pthread_cond_t *cond, int everybody, const void *pc)
{
    struct waiter *list[EXPLORE_THREADS];

    rt_point(everybody ? OPERATION_BROADCAST : OPERATION_SIGNAL, cond, pc, 0);
    object_check(object_find(cond, OBJECT_COND), pc);
    unsigned count = sleepers(cond, list);
    if (count == 0)
        object_find(cond, OBJECT_COND)->unheard++;
    else if (everybody)
        for (unsigned i = 0; i < count; i++)
            list[i]->signalled = 1;
    else
        list[rt_choose(CHOICE_WAITER, count)]->signalled = 1;
}

int __wrap_pthread_cond_signal(pthread_cond_t *cond)
{
    extern int __real_pthread_cond_signal(pthread_cond_t *);
    if (!rt_active())
        return __real_pthread_cond_signal(cond);
    signal(cond, 0, HERE);
    return 0;
}

int __wrap_pthread_cond_broadcast(pthread_cond_t *cond)
{
    extern int __real_pthread_cond_broadcast(pthread_cond_t *);
    if (!rt_active())
        return __real_pthread_cond_broadcast(cond);
    signal(cond, 1, HERE);
    return 0;
}

int __wrap_pthread_cond_init(pthread_cond_t *cond, const pthread_condattr_t *attributes)
{
    extern int __real_pthread_cond_init(pthread_cond_t *, const pthread_condattr_t *);
    if (rt_active()) {
        object_forget(cond);
        rt_touch(cond, sizeof *cond, 1);
        rt_note(OPERATION_INIT, cond, HERE, 0);
    }
    return __real_pthread_cond_init(cond, attributes);
}

int __wrap_pthread_cond_destroy(pthread_cond_t *cond)
{
    extern int __real_pthread_cond_destroy(pthread_cond_t *);
    if (rt_active()) {
        struct waiter *list[EXPLORE_THREADS];
        rt_point(OPERATION_DESTROY, cond, HERE, 0);
        if (sleepers(cond, list) > 0)
            rt_fail(CLASS_MISUSE, HERE, NULL, cond,
                    "a condition variable is destroyed while a thread waits on it");
        object_destroy(cond, OBJECT_COND);
    }
    return __real_pthread_cond_destroy(cond);
}
