/* mutex.c - mutexes of every kind: normal, recursive, error-checking, adaptive, robust; try and timed; and
 * spin locks, which are mutexes to a scheduler.
 *
 * The model decides; the real mutex follows, uncontended, so that a sanitizer beneath sees the program's own
 * locking.
 */
#include "explore/rt/inside.h"

#include <errno.h>

#define HERE __builtin_return_address(0)

uint64_t time_deadline(clockid_t clock, const struct timespec *deadline); /* time.c */

int __real_pthread_mutex_lock(pthread_mutex_t *mutex);
int __real_pthread_mutex_unlock(pthread_mutex_t *mutex);

/* A robust mutex is free, too, when its owner has ended. */
static int is_free(void *context)
{
    const struct rt_object *object = context;
    return object->owner < 0 || (object->robust && rt.thread[object->owner].state == THREAD_OVER);
}

static void take(struct rt_object *object, const void *pc)
{
    object->owner = rt_self();
    object->depth = 1;
    object->held_pc = pc;
    rt_changed();
    rt_acquire(object->address);
}

/* A robust mutex whose owner has ended is free again, and says so. */
static void inherit(struct rt_object *object)
{
    if (object->robust && object->owner >= 0)
        rt_touch((void *)(intptr_t)object->owner, 1, 0); /* whether it has ended decides */
    if (object->robust && object->owner >= 0 && rt.thread[object->owner].state == THREAD_OVER) {
        object->owner = -1;
        object->owner_died = 1;
    }
}

/* Lock by the model. TRY: do not wait. */
static int lock_model(struct rt_object *object, enum explore_operation operation, const void *pc, int try,
                      uint64_t deadline)
{
    rt_point(operation, object->address, pc, 0);
    object_check(object, pc);
    inherit(object);
    if (object->owner == rt_self()) {
        if (object->kind == OBJECT_MUTEX && object->type == PTHREAD_MUTEX_RECURSIVE_NP) {
            object->depth++;
            rt_changed();
            return 0;
        }
        if (object->kind == OBJECT_MUTEX && object->type == PTHREAD_MUTEX_ERRORCHECK_NP)
            return try ? EBUSY : EDEADLK;
        if (!try && deadline == RT_NEVER)
            rt_fail(CLASS_DEADLOCK, pc, object->held_pc, object->address,
                    "a thread locks a mutex that it holds already, and waits for itself");
    }
    while (object->owner >= 0) {
        if (try)
            return EBUSY;
        object->waiting++;
        int late = rt_block(operation, object->address, pc, is_free, object, deadline);
        object->waiting--;
        inherit(object);
        if (late && object->owner >= 0)
            return ETIMEDOUT;
    }
    take(object, pc);
    return object->owner_died ? EOWNERDEAD : 0;
}

/* Give back one level. Returns 0, or the error that the program gets. */
static int unlock_model(struct rt_object *object, const void *pc)
{
    rt_point(OPERATION_UNLOCK, object->address, pc, 0);
    object_check(object, pc);
    if (object->owner != rt_self()) {
        if (object->kind == OBJECT_MUTEX && object->type == PTHREAD_MUTEX_ERRORCHECK_NP)
            return EPERM;
        rt_fail(CLASS_MISUSE, pc, object->held_pc, object->address, "a %s is unlocked that %s",
                object->kind == OBJECT_SPIN ? "spin lock" : "mutex",
                object->owner < 0 ? "nobody holds" : "another thread holds");
    }
    if (--object->depth > 0)
        return 0;
    rt_release(object->address);
    object->owner = -1;
    object->owner_died = 0;
    return 0;
}

static int lock_both(pthread_mutex_t *mutex, enum explore_operation operation, const void *pc, int try,
                     uint64_t deadline)
{
    struct rt_object *object = object_find(mutex, OBJECT_MUTEX);
    int result = lock_model(object, operation, pc, try, deadline);

    if (result == 0 || result == EOWNERDEAD)
        __real_pthread_mutex_lock(mutex);
    return result;
}

int __wrap_pthread_mutex_lock(pthread_mutex_t *mutex)
{
    return rt_active() ? lock_both(mutex, OPERATION_LOCK, HERE, 0, RT_NEVER)
                       : __real_pthread_mutex_lock(mutex);
}

int __wrap_pthread_mutex_trylock(pthread_mutex_t *mutex)
{
    extern int __real_pthread_mutex_trylock(pthread_mutex_t *);
    return rt_active() ? lock_both(mutex, OPERATION_TRYLOCK, HERE, 1, RT_NEVER)
                       : __real_pthread_mutex_trylock(mutex);
}

int __wrap_pthread_mutex_timedlock(pthread_mutex_t *mutex, const struct timespec *deadline)
{
    extern int __real_pthread_mutex_timedlock(pthread_mutex_t *, const struct timespec *);
    return rt_active() ? lock_both(mutex, OPERATION_LOCK, HERE, 0, time_deadline(CLOCK_REALTIME, deadline))
                       : __real_pthread_mutex_timedlock(mutex, deadline);
}

int __wrap_pthread_mutex_clocklock(pthread_mutex_t *mutex, clockid_t clock, const struct timespec *deadline)
{
    extern int __real_pthread_mutex_clocklock(pthread_mutex_t *, clockid_t, const struct timespec *);
    return rt_active() ? lock_both(mutex, OPERATION_LOCK, HERE, 0, time_deadline(clock, deadline))
                       : __real_pthread_mutex_clocklock(mutex, clock, deadline);
}

int __wrap_pthread_mutex_unlock(pthread_mutex_t *mutex)
{
    if (!rt_active())
        return __real_pthread_mutex_unlock(mutex);
    int result = unlock_model(object_find(mutex, OBJECT_MUTEX), HERE);
    return result ? result : __real_pthread_mutex_unlock(mutex);
}

int __wrap_pthread_mutex_consistent(pthread_mutex_t *mutex)
{
    extern int __real_pthread_mutex_consistent(pthread_mutex_t *);
    if (!rt_active())
        return __real_pthread_mutex_consistent(mutex);
    object_find(mutex, OBJECT_MUTEX)->owner_died = 0;
    rt_touch(mutex, 1, 1);
    __real_pthread_mutex_consistent(mutex);
    return 0;
}

int __wrap_pthread_mutex_init(pthread_mutex_t *mutex, const pthread_mutexattr_t *attributes)
{
    extern int __real_pthread_mutex_init(pthread_mutex_t *, const pthread_mutexattr_t *);
    if (rt_active()) {
        object_forget(mutex);
        rt_touch(mutex, sizeof *mutex, 1);
        rt_note(OPERATION_INIT, mutex, HERE, 0);
    }
    return __real_pthread_mutex_init(mutex, attributes);
}

int __wrap_pthread_mutex_destroy(pthread_mutex_t *mutex)
{
    extern int __real_pthread_mutex_destroy(pthread_mutex_t *);
    if (rt_active()) {
        struct rt_object *object = object_find(mutex, OBJECT_MUTEX);
        rt_point(OPERATION_DESTROY, mutex, HERE, 0);
        object_check(object, HERE);
        if (object->owner >= 0 || object->waiting > 0)
            rt_fail(CLASS_MISUSE, HERE, object->held_pc, mutex, "a mutex is destroyed while a thread %s it",
                    object->owner >= 0 ? "holds" : "waits for");
        object_destroy(mutex, OBJECT_MUTEX);
    }
    return __real_pthread_mutex_destroy(mutex);
}

/* For condition variables: let go of the mutex, and take it again, as parts of one operation. */
void mutex_let_go(pthread_mutex_t *mutex, const void *pc)
{
    struct rt_object *object = object_find(mutex, OBJECT_MUTEX);

    rt_touch(mutex, 1, 1);
    if (object->owner != rt_self())
        rt_fail(CLASS_MISUSE, pc, object->held_pc, mutex,
                "a thread waits on a condition variable without holding the mutex");
    rt_release(mutex);
    object->owner = -1;
    __real_pthread_mutex_unlock(mutex);
}

void mutex_take_again(pthread_mutex_t *mutex, const void *pc)
{
    struct rt_object *object = object_find(mutex, OBJECT_MUTEX);

    rt_touch(mutex, 1, 1);
    while (object->owner >= 0) {
        object->waiting++;
        rt_block(OPERATION_LOCK, mutex, pc, is_free, object, RT_NEVER);
        object->waiting--;
        inherit(object);
    }
    take(object, pc);
    __real_pthread_mutex_lock(mutex);
}

/* --- spin locks --- */

int __wrap_pthread_spin_lock(pthread_spinlock_t *lock)
{
    extern int __real_pthread_spin_lock(pthread_spinlock_t *);
    if (rt_active())
        lock_model(object_find((const void *)lock, OBJECT_SPIN), OPERATION_LOCK, HERE, 0, RT_NEVER);
    return __real_pthread_spin_lock(lock);
}

int __wrap_pthread_spin_trylock(pthread_spinlock_t *lock)
{
    extern int __real_pthread_spin_trylock(pthread_spinlock_t *);
    int result = rt_active() ? lock_model(object_find((const void *)lock, OBJECT_SPIN), OPERATION_TRYLOCK,
                                          HERE, 1, RT_NEVER)
                             : 0;
    return result ? result : __real_pthread_spin_trylock(lock);
}

int __wrap_pthread_spin_unlock(pthread_spinlock_t *lock)
{
    extern int __real_pthread_spin_unlock(pthread_spinlock_t *);
    if (rt_active())
        unlock_model(object_find((const void *)lock, OBJECT_SPIN), HERE);
    return __real_pthread_spin_unlock(lock);
}

int __wrap_pthread_spin_init(pthread_spinlock_t *lock, int shared)
{
    extern int __real_pthread_spin_init(pthread_spinlock_t *, int);
    if (rt_active()) {
        object_forget((const void *)lock);
        rt_touch((const void *)lock, sizeof *lock, 1);
    }
    return __real_pthread_spin_init(lock, shared);
}

int __wrap_pthread_spin_destroy(pthread_spinlock_t *lock)
{
    extern int __real_pthread_spin_destroy(pthread_spinlock_t *);
    if (rt_active()) {
        struct rt_object *object = object_find((const void *)lock, OBJECT_SPIN);
        rt_point(OPERATION_DESTROY, (const void *)lock, HERE, 0);
        object_check(object, HERE);
        if (object->owner >= 0 || object->waiting > 0)
            rt_fail(CLASS_MISUSE, HERE, object->held_pc, (const void *)lock,
                    "a spin lock is destroyed while a thread holds it");
        object_destroy((const void *)lock, OBJECT_SPIN);
    }
    return __real_pthread_spin_destroy(lock);
}
