/* sync.c - read-write locks, semaphores, barriers and once. As in mutex.c the model decides; where the real
 * object would block (a barrier) it is left alone, and a sanitizer beneath is told of the order by rt_release
 * and rt_acquire. */
#include "explore/rt/inside.h"

#include <errno.h>
#include <limits.h>
#include <semaphore.h>

#define HERE __builtin_return_address(0)

uint64_t time_deadline(clockid_t clock, const struct timespec *deadline); /* time.c */

/* --- read-write locks: `depth` readers, or an `owner` --- */

static int can_read(void *context)
{
    return ((const struct rt_object *)context)->owner < 0;
}

static int can_write(void *context)
{
    const struct rt_object *object = context;
    return object->owner < 0 && object->depth == 0;
}

/* What readers release to, and only writers acquire: one reader is not ordered after another. */
static const void *readers_of(const pthread_rwlock_t *lock)
{
    return (const char *)lock + 8;
}

static int rw_lock(pthread_rwlock_t *lock, int write, int try, uint64_t deadline, const void *pc)
{
    struct rt_object *object = object_find(lock, OBJECT_RWLOCK);
    enum explore_operation operation = write ? OPERATION_WRITE_LOCK : OPERATION_READ_LOCK;
    int (*able)(void *) = write ? can_write : can_read;

    rt_point(operation, lock, pc, 0);
    object_check(object, pc);
    if (object->owner == rt_self() && !try)
        return EDEADLK;
    while (!able(object)) {
        if (try)
            return EBUSY;
        object->waiting++;
        int late = rt_block(operation, lock, pc, able, object, deadline);
        object->waiting--;
        if (late && !able(object))
            return ETIMEDOUT;
    }
    if (write) {
        object->owner = rt_self();
    } else {
        object->depth++;
        object->reads[rt_self()]++;
        object->reader = rt_self();
    }
    object->held_pc = pc;
    rt_changed();
    rt_acquire(lock);
    if (write)
        rt_acquire(readers_of(lock));
    return 0;
}

#define RW_LOCK(name, write, try)                                                                            \
    int __wrap_##name(pthread_rwlock_t *lock)                                                                \
    {                                                                                                        \
        extern int __real_##name(pthread_rwlock_t *);                                                        \
        int result = rt_active() ? rw_lock(lock, write, try, RT_NEVER, HERE) : 0;                            \
        return result ? result : __real_##name(lock);                                                        \
    }
RW_LOCK(pthread_rwlock_rdlock, 0, 0)
RW_LOCK(pthread_rwlock_wrlock, 1, 0)
RW_LOCK(pthread_rwlock_tryrdlock, 0, 1)
RW_LOCK(pthread_rwlock_trywrlock, 1, 1)

#define RW_TIMED(name, write)                                                                                \
    int __wrap_##name(pthread_rwlock_t *lock, const struct timespec *deadline)                               \
    {                                                                                                        \
        extern int __real_##name(pthread_rwlock_t *, const struct timespec *);                               \
        int result =                                                                                         \
            rt_active() ? rw_lock(lock, write, 0, time_deadline(CLOCK_REALTIME, deadline), HERE) : 0;        \
        return result ? result : __real_##name(lock, deadline);                                              \
    }
RW_TIMED(pthread_rwlock_timedrdlock, 0)
RW_TIMED(pthread_rwlock_timedwrlock, 1)

int __wrap_pthread_rwlock_unlock(pthread_rwlock_t *lock)
{
    extern int __real_pthread_rwlock_unlock(pthread_rwlock_t *);
    if (rt_active()) {
        struct rt_object *object = object_find(lock, OBJECT_RWLOCK);
        rt_point(OPERATION_RW_UNLOCK, lock, HERE, 0);
        object_check(object, HERE);
        if (object->owner != rt_self() && object->reads[rt_self()] == 0)
            rt_fail(CLASS_MISUSE, HERE, object->held_pc, lock,
                    "a read-write lock is unlocked that this thread does not hold");
        rt_release(object->owner == rt_self() ? (const void *)lock : readers_of(lock));
        if (object->owner == rt_self()) {
            object->owner = -1;
        } else {
            object->depth--;
            object->reads[rt_self()]--;
        }
    }
    return __real_pthread_rwlock_unlock(lock);
}

int __wrap_pthread_rwlock_init(pthread_rwlock_t *lock, const pthread_rwlockattr_t *attributes)
{
    extern int __real_pthread_rwlock_init(pthread_rwlock_t *, const pthread_rwlockattr_t *);
    if (rt_active()) {
        object_forget(lock);
        rt_touch(lock, sizeof *lock, 1);
    }
    return __real_pthread_rwlock_init(lock, attributes);
}

int __wrap_pthread_rwlock_destroy(pthread_rwlock_t *lock)
{
    extern int __real_pthread_rwlock_destroy(pthread_rwlock_t *);
    if (rt_active()) {
        struct rt_object *object = object_find(lock, OBJECT_RWLOCK);
        rt_point(OPERATION_DESTROY, lock, HERE, 0);
        object_check(object, HERE);
        if (object->owner >= 0 || object->depth > 0 || object->waiting > 0)
            rt_fail(CLASS_MISUSE, HERE, object->held_pc, lock,
                    "a read-write lock is destroyed while it is in use");
        object_destroy(lock, OBJECT_RWLOCK);
    }
    return __real_pthread_rwlock_destroy(lock);
}

/* --- semaphores: `depth` is the value --- */

static int has_permit(void *context)
{
    return ((const struct rt_object *)context)->depth > 0;
}

static int fails(int error)
{
    errno = error;
    return -1;
}

static int sem_take(sem_t *semaphore, int try, uint64_t deadline, const void *pc)
{
    extern int __real_sem_wait(sem_t *);
    struct rt_object *object = object_find(semaphore, OBJECT_SEM);

    rt_point(OPERATION_SEM_WAIT, semaphore, pc, 0);
    object_check(object, pc);
    while (object->depth == 0) {
        if (try)
            return fails(EAGAIN);
        object->waiting++;
        int late = rt_block(OPERATION_SEM_WAIT, semaphore, pc, has_permit, object, deadline);
        object->waiting--;
        if (late && object->depth == 0)
            return fails(ETIMEDOUT);
        cancel_point();
    }
    object->depth--;
    rt_changed();
    rt_acquire(semaphore);
    return __real_sem_wait(semaphore);
}

int __wrap_sem_wait(sem_t *semaphore)
{
    extern int __real_sem_wait(sem_t *);
    return rt_active() ? sem_take(semaphore, 0, RT_NEVER, HERE) : __real_sem_wait(semaphore);
}

int __wrap_sem_trywait(sem_t *semaphore)
{
    extern int __real_sem_trywait(sem_t *);
    return rt_active() ? sem_take(semaphore, 1, RT_NEVER, HERE) : __real_sem_trywait(semaphore);
}

int __wrap_sem_timedwait(sem_t *semaphore, const struct timespec *deadline)
{
    extern int __real_sem_timedwait(sem_t *, const struct timespec *);
    return rt_active() ? sem_take(semaphore, 0, time_deadline(CLOCK_REALTIME, deadline), HERE)
                       : __real_sem_timedwait(semaphore, deadline);
}

int __wrap_sem_clockwait(sem_t *semaphore, clockid_t clock, const struct timespec *deadline)
{
    extern int __real_sem_clockwait(sem_t *, clockid_t, const struct timespec *);
    return rt_active() ? sem_take(semaphore, 0, time_deadline(clock, deadline), HERE)
                       : __real_sem_clockwait(semaphore, clock, deadline);
}

int __wrap_sem_post(sem_t *semaphore)
{
    extern int __real_sem_post(sem_t *);
    if (rt_active()) {
        struct rt_object *object = object_find(semaphore, OBJECT_SEM);
        rt_point(OPERATION_SEM_POST, semaphore, HERE, 0);
        object_check(object, HERE);
        rt_release(semaphore);
        object->depth++;
    }
    return __real_sem_post(semaphore);
}

int __wrap_sem_init(sem_t *semaphore, int shared, unsigned value)
{
    extern int __real_sem_init(sem_t *, int, unsigned);
    if (rt_active()) {
        if (shared)
            rt_unsupported("a semaphore shared between processes", HERE);
        object_forget(semaphore);
        rt_touch(semaphore, sizeof *semaphore, 1);
        object_find(semaphore, OBJECT_SEM)->depth = (int)value;
        rt_note(OPERATION_INIT, semaphore, HERE, 0);
    }
    return __real_sem_init(semaphore, shared, value);
}

int __wrap_sem_destroy(sem_t *semaphore)
{
    extern int __real_sem_destroy(sem_t *);
    if (rt_active()) {
        rt_point(OPERATION_DESTROY, semaphore, HERE, 0);
        object_check(object_find(semaphore, OBJECT_SEM), HERE);
        if (object_find(semaphore, OBJECT_SEM)->waiting > 0)
            rt_fail(CLASS_MISUSE, HERE, NULL, semaphore,
                    "a semaphore is destroyed while a thread waits for it");
        object_destroy(semaphore, OBJECT_SEM);
    }
    return __real_sem_destroy(semaphore);
}

/* --- barriers: `depth` have arrived of `wanted`, in round `round` --- */

struct arrival {
    const struct rt_object *object;
    unsigned round;
};

static int is_open(void *context)
{
    const struct arrival *arrival = context;
    return arrival->object->round != arrival->round;
}

int __wrap_pthread_barrier_wait(pthread_barrier_t *barrier)
{
    extern int __real_pthread_barrier_wait(pthread_barrier_t *);
    if (!rt_active())
        return __real_pthread_barrier_wait(barrier);
    struct rt_object *object = object_find(barrier, OBJECT_BARRIER);
    rt_point(OPERATION_BARRIER, barrier, HERE, 0);
    object_check(object, HERE);
    struct arrival arrival = {object, object->round};
    int last = ++object->depth == object->wanted;
    rt_release(barrier);
    if (last) {
        object->depth = 0;
        object->round++;
    } else {
        object->waiting++;
        rt_block(OPERATION_BARRIER, barrier, HERE, is_open, &arrival, RT_NEVER);
        object->waiting--;
    }
    rt_acquire(barrier);
    return last ? PTHREAD_BARRIER_SERIAL_THREAD : 0;
}

int __wrap_pthread_barrier_init(pthread_barrier_t *barrier, const pthread_barrierattr_t *attributes,
                                unsigned count)
{
    extern int __real_pthread_barrier_init(pthread_barrier_t *, const pthread_barrierattr_t *, unsigned);
    if (rt_active()) {
        object_forget(barrier);
        rt_touch(barrier, sizeof *barrier, 1);
        object_find(barrier, OBJECT_BARRIER)->wanted = (int)count;
    }
    return __real_pthread_barrier_init(barrier, attributes, count);
}

int __wrap_pthread_barrier_destroy(pthread_barrier_t *barrier)
{
    extern int __real_pthread_barrier_destroy(pthread_barrier_t *);
    if (rt_active()) {
        rt_point(OPERATION_DESTROY, barrier, HERE, 0);
        object_check(object_find(barrier, OBJECT_BARRIER), HERE);
        if (object_find(barrier, OBJECT_BARRIER)->depth > 0)
            rt_fail(CLASS_MISUSE, HERE, NULL, barrier, "a barrier is destroyed while a thread waits at it");
        object_destroy(barrier, OBJECT_BARRIER);
    }
    return __real_pthread_barrier_destroy(barrier);
}

/* --- once: `depth` is 0 before, 1 during, 2 after --- */

static int once_done(void *context)
{
    return ((const struct rt_object *)context)->depth == 2;
}

int __wrap_pthread_once(pthread_once_t *once, void (*run)(void))
{
    extern int __real_pthread_once(pthread_once_t *, void (*)(void));
    if (!rt_active())
        return __real_pthread_once(once, run);
    struct rt_object *object = object_find(once, OBJECT_ONCE);
    rt_point(OPERATION_ONCE, once, HERE, 0);
    if (object->depth == 0) {
        object->depth = 1;
        object->owner = rt_self();
        run();
        rt_touch(once, 1, 1);
        rt_release(once);
        object->depth = 2;
        object->owner = -1;
    }
    while (object->depth < 2)
        rt_block(OPERATION_ONCE, once, HERE, once_done, object, RT_NEVER);
    rt_acquire(once);
    return 0;
}

/* --- what is not modelled is told by name --- */

#define UNSUPPORTED(type, name, parameters)                                                                  \
    type __wrap_##name parameters                                                                            \
    {                                                                                                        \
        rt_unsupported(#name, HERE);                                                                         \
    }
UNSUPPORTED(int, thrd_create, (void))
UNSUPPORTED(int, mtx_lock, (void))
UNSUPPORTED(int, cnd_wait, (void))
UNSUPPORTED(int, fork, (void))
UNSUPPORTED(int, select, (void))
UNSUPPORTED(int, poll, (void))
UNSUPPORTED(int, accept, (void))
UNSUPPORTED(int, recv, (void))
UNSUPPORTED(int, sigwait, (void))
UNSUPPORTED(int, pause, (void))
