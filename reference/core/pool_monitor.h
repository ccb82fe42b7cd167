/* pool_monitor.h - a lock, and the bells that threads under it wait for. Private to this room.
 *
 *     lock_take(&lock);                                 // what the lock guards may be touched from here
 *     while (!there_is_something())
 *         bell_wait(&something, NULL);                  // lets go of the lock, sleeps, has it back
 *     lock_drop(&lock);
 *
 * `lock` is a mutex that knows its owner, so that a function whose name ends in `_locked` can assert what
 * its name promises. `bell` is a condition variable that counts its sleepers, so that nobody rings for an
 * empty room: waking a thread costs its waker far more than the critical section it stands in.
 *
 * Deadlines are CLOCK_MONOTONIC: nobody's waiting time changes when somebody sets the clock.
 *
 * Not here: recursion, fairness, priority. All functions of a bell but init and release need its lock.
 */
#ifndef DEEPEND_POOL_MONITOR_H
#define DEEPEND_POOL_MONITOR_H

#include <assert.h>
#include <errno.h>
#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <time.h>

/* The pthread calls below fail only if they are misused; that is a bug, so it is asserted and not handled.
 * (POSIX lets the init functions run out of memory. Those of glibc and musl allocate nothing.) */
static inline void must(int error)
{
    assert(error == 0);
    (void)error;
}

/* --- the lock ----------------------------------------------------------------------------------------- */

struct lock {
    pthread_mutex_t mutex;
    bool held;       /* guarded by mutex, as is */
    pthread_t owner; /* who holds it */
};

static inline void lock_init(struct lock *lock)
{
    must(pthread_mutex_init(&lock->mutex, NULL));
    lock->held = false;
}

static inline void lock_release(struct lock *lock)
{
    must(pthread_mutex_destroy(&lock->mutex));
}

/* For assertions only. Whoever does not hold the lock reads `held` in a race; the assertion was about to fail
 * anyway. */
static inline bool lock_is_mine(const struct lock *lock)
{
    return lock->held && pthread_equal(lock->owner, pthread_self());
}

static inline void lock_own(struct lock *lock)
{
    lock->held = true;
    lock->owner = pthread_self();
}

static inline void lock_disown(struct lock *lock)
{
    assert(lock_is_mine(lock));
    lock->held = false;
}

static inline void lock_take(struct lock *lock)
{
    must(pthread_mutex_lock(&lock->mutex));
    lock_own(lock);
}

/* False: somebody has it. */
static inline bool lock_try(struct lock *lock)
{
    int error = pthread_mutex_trylock(&lock->mutex);
    if (error == EBUSY)
        return false;
    must(error);
    lock_own(lock);
    return true;
}

static inline void lock_drop(struct lock *lock)
{
    lock_disown(lock);
    must(pthread_mutex_unlock(&lock->mutex));
}

static inline bool deadline_is_valid(const struct timespec *deadline)
{
    return deadline && deadline->tv_nsec >= 0 && deadline->tv_nsec < 1000000000;
}

/* --- the bells ---------------------------------------------------------------------------------------- */

/* Invariant: of the `waiting` sleepers, at least `called` are on their way out: signalled, late, or woken by
 * chance. So a ring that finds waiting == called has nobody left to wake, and a skipped ring is never a lost
 * one, for whoever is on the way out takes the lock and looks at the predicate again. README.md has the
 * proof. */
struct bell {
    struct lock *lock; /* the one under which it is waited for and rung */
    pthread_cond_t cond;
    size_t waiting; /* threads inside bell_wait */
    size_t called;  /* rings that no sleeper has answered yet, at most `waiting` */
};

static inline void bell_init(struct bell *bell, struct lock *lock)
{
    pthread_condattr_t attributes;
    must(pthread_condattr_init(&attributes));
    must(pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC));
    must(pthread_cond_init(&bell->cond, &attributes));
    must(pthread_condattr_destroy(&attributes));
    bell->lock = lock;
    bell->waiting = 0;
    bell->called = 0;
}

static inline void bell_release(struct bell *bell)
{
    assert(bell->waiting == 0);
    must(pthread_cond_destroy(&bell->cond));
}

/* Sleep until the bell rings, DEADLINE passes (NULL: never) or for no reason at all. ETIMEDOUT or 0, but look
 * at the predicate in both cases: it may have become true at the last moment, and the ring for it may have
 * been this thread's. */
static inline int bell_wait(struct bell *bell, const struct timespec *deadline)
{
    struct lock *lock = bell->lock;
    bell->waiting++;
    lock_disown(lock);
    int error = deadline ? pthread_cond_timedwait(&bell->cond, &lock->mutex, deadline)
                         : pthread_cond_wait(&bell->cond, &lock->mutex);
    lock_own(lock);
    bell->waiting--;
    if (bell->called > 0)
        bell->called--;
    if (error != ETIMEDOUT)
        must(error);
    return error;
}

/* One sleeper can go on. Rung with the lock held: once it is dropped, the bell may already be gone. */
static inline void bell_ring(struct bell *bell)
{
    assert(lock_is_mine(bell->lock));
    if (bell->called == bell->waiting)
        return;
    bell->called++;
    must(pthread_cond_signal(&bell->cond));
}

/* Every sleeper can go on. */
static inline void bell_ring_all(struct bell *bell)
{
    assert(lock_is_mine(bell->lock));
    if (bell->called == bell->waiting)
        return;
    bell->called = bell->waiting;
    must(pthread_cond_broadcast(&bell->cond));
}

#endif
