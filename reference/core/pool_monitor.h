/* pool_monitor.h - a lock, and the bells that threads under it wait for. Private to this room.
 *
 *     lock_take(&lock);                                 // what the lock guards may be touched from here
 *     while (!there_is_something())
 *         bell_wait(&something, NULL);                  // lets go of the lock, sleeps, has it back
 *     lock_drop(&lock);
 *
 * `lock` is a mutex that knows its owner, so that a function whose name ends in `_locked` can assert what
 * its name promises. `bell` is a line of sleepers, each with a condition variable of its own, so that nobody
 * rings for an empty room: waking a thread costs its waker far more than the critical section it stands in.
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

/* Who sleeps at a bell has a condition variable of its own, which is signalled at most once. So a ring wakes
 * just one thread, the one that has slept longest; nobody is signalled twice; and no signal can be taken by
 * another. The last is no luxury: in glibc before 2.41 a condition variable with several sleepers can lose a
 * signal (bug 25847: one that wakes late takes the signal of a newer group and gives it back too late). */
struct sleeper {
    struct sleeper *sooner, *later; /* its neighbours in the line */
    pthread_cond_t cond;
    bool called; /* out of the line: it is on its way */
};

struct bell {
    struct lock *lock;            /* the one under which it is waited for and rung */
    struct sleeper *first, *last; /* the line of those who have not been called, longest first */
    size_t waiting;               /* threads inside bell_wait, called or not */
};

static inline void bell_init(struct bell *bell, struct lock *lock)
{
    *bell = (struct bell){.lock = lock};
}

static inline void bell_release(struct bell *bell)
{
    assert(bell->waiting == 0 && !bell->first);
    (void)bell;
}

static inline void sleeper_init(struct sleeper *sleeper)
{
    pthread_condattr_t attributes;
    must(pthread_condattr_init(&attributes));
    must(pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC));
    must(pthread_cond_init(&sleeper->cond, &attributes));
    must(pthread_condattr_destroy(&attributes));
    sleeper->called = false;
}

static inline void bell_line_up(struct bell *bell, struct sleeper *sleeper)
{
    sleeper->sooner = bell->last;
    sleeper->later = NULL;
    *(bell->last ? &bell->last->later : &bell->first) = sleeper;
    bell->last = sleeper;
    bell->waiting++;
}

static inline void bell_step_out(struct bell *bell, struct sleeper *sleeper)
{
    *(sleeper->sooner ? &sleeper->sooner->later : &bell->first) = sleeper->later;
    *(sleeper->later ? &sleeper->later->sooner : &bell->last) = sleeper->sooner;
}

/* Sleep until the bell rings, DEADLINE passes (NULL: never) or for no reason at all. ETIMEDOUT or 0, but look
 * at the predicate in both cases: it may have become true at the last moment, and the ring for it may have
 * been this thread's. */
static inline int bell_wait(struct bell *bell, const struct timespec *deadline)
{
    struct lock *lock = bell->lock;
    struct sleeper me;

    sleeper_init(&me);
    bell_line_up(bell, &me);
    lock_disown(lock);
    int error = deadline ? pthread_cond_timedwait(&me.cond, &lock->mutex, deadline)
                         : pthread_cond_wait(&me.cond, &lock->mutex);
    lock_own(lock);
    bell->waiting--;
    if (!me.called)
        bell_step_out(bell, &me);
    must(pthread_cond_destroy(&me.cond)); /* whoever called it did so under the lock, and is through */
    if (error != ETIMEDOUT)
        must(error);
    return error;
}

/* One sleeper can go on: of those who have not been called, the first. Rung with the lock held: once it is
 * dropped, the bell and its sleepers may already be gone. */
static inline void bell_ring(struct bell *bell)
{
    struct sleeper *sleeper = bell->first;

    assert(lock_is_mine(bell->lock));
    if (!sleeper)
        return;
    bell_step_out(bell, sleeper);
    sleeper->called = true;
    must(pthread_cond_signal(&sleeper->cond));
}

/* How many sleep who have not been called. */
static inline size_t bell_line(const struct bell *bell)
{
    size_t count = 0;
    for (const struct sleeper *sleeper = bell->first; sleeper; sleeper = sleeper->later)
        count++;
    return count;
}

/* Every sleeper can go on. */
static inline void bell_ring_all(struct bell *bell)
{
    while (bell->first)
        bell_ring(bell);
}

#endif
