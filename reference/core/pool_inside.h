/* pool_inside.h - what the pool's own files share: its fields, its phases, its workers, who is inside it.
 *
 * Private to this room. README.md draws the phases and tables the lock, its bells and the owners of memory.
 */
#ifndef DEEPEND_POOL_INSIDE_H
#define DEEPEND_POOL_INSIDE_H

#include "deque.h"
#include "pool.h"
#include "pool_hand.h"
#include "pool_monitor.h"
#include "pool_queue.h"
#include "pool_shards.h"
#include <stdatomic.h>

/* A pool only ever moves down this list; it may skip lines. */
enum phase {
    PHASE_OPEN,     /* takes jobs, runs them */
    PHASE_DRAINING, /* takes none; runs those that wait */
    PHASE_STOPPING, /* takes none; those that wait are being discarded */
    PHASE_JOINING,  /* workers and visitors have left; one thread joins the workers */
    PHASE_GONE      /* the workers are joined: the pool can only be asked and destroyed */
};

/* Jobs begun and ended by one writer: a worker, or (under the lock) all threads that are none. Whoever adds
 * up must read the ends before the begins, and all begins before the submits: then nothing is ended that has
 * not begun. Stored with release, read with acquire, for that order. */
struct tally {
    _Atomic unsigned long long begun, completed, failed, exited;
    _Atomic unsigned long long submitted; /* to its own deque; seq_cst, see pool_steal.c */
};

enum seat { SEAT_EMPTY, SEAT_TAKEN, SEAT_LEFT /* its thread is to be joined */ };

struct worker {
    /* Fixed after create. */
    struct pool *pool;
    unsigned index;
    struct pool_deque *deque; /* NULL without POOL_INNER_OWN */

    /* Guarded by the pool's lock. */
    enum seat seat;
    pthread_t thread;
    bool idle;                     /* it stands in the idle list: asleep, and nobody has called it */
    bool busy;                     /* it has taken a job since it last found none */
    struct worker *later, *sooner; /* its neighbours there */
    struct bell call;              /* slept at until: called, or the phase changes */

    /* Owner thread only. */
    void *state;      /* of worker_start */
    unsigned shard;   /* where it looks first */
    unsigned spin_us; /* what it spins for now: less after spinning in vain, more after luck */
    char apart[POOL_APART];

    /* Atomic. */
    struct tally tally;
    void (*_Atomic running)(void *arg); /* these three are notes, relaxed */
    const char *_Atomic label;
    _Atomic unsigned long long since;
    struct hand hand;
    char apart_too[POOL_APART];
};

struct pool {
    /* Fixed after create. */
    struct pool_options options; /* with the defaults filled in */
    unsigned spinners_allowed;   /* 0: nobody spins */
    bool exact;                  /* one job for each turn of the lock: no hands, deques or shards */
    struct shard *shards;        /* options.shards of them, or NULL */

    /* Atomic: written under the lock or as told, read by anybody. */
    char apart[POOL_APART];
    atomic_bool closed; /* the phase is not OPEN */
    atomic_bool halt;   /* nobody may begin a job without a look under the lock: paused, being stopped, or too
                         many workers */
    _Atomic unsigned idle;     /* length of the idle list */
    _Atomic unsigned callable; /* idle, and workers that could be started; seq_cst, see pool_steal.c */
    _Atomic unsigned there;    /* alive, to be read without the lock */
    _Atomic unsigned summoned; /* workers that have been called and have not looked for jobs since */
    _Atomic unsigned callers;  /* submitters to shards that are about to call a worker: visitors */
    _Atomic unsigned spinning; /* workers that look for work without the lock */
    atomic_bool news;          /* for them: something was queued since they began to look */
    char apart_too[POOL_APART];

    struct lock lock; /* the only one; no task and no discard function is ever called under it */

    /* Guarded by lock. */
    enum phase phase;
    bool paused;
    bool stuck; /* a drain found no worker left for what was queued */
    struct queue queue;
    size_t alive;    /* workers that have not left their loop */
    size_t busy;     /* of them, those that may have a job; and threads that run one of their own */
    size_t starting; /* workers that have not come through worker_start */
    size_t
        visitors; /* threads that sleep in a submit, run a discard or their own job: the pool outlives them */
    unsigned wanted; /* workers there should be */
    unsigned long long submitted, discarded, dropped, refused, unstarted, expired;
    struct tally outside;                  /* jobs that ran in their submitter's thread */
    struct worker *idle_last, *idle_first; /* the idle list: who fell asleep last, first */
    bool leaver_waits; /* LEAVER has left while the pool is open; the next to leave joins it */
    pthread_t leaver;
    struct bell room;    /* slept at until: a slot is free, or the phase is not OPEN */
    struct bell naps;    /* slept at by workers until: the nap is over, or the phase is not OPEN */
    struct bell resumed; /* slept at by workers until: not paused */
    struct bell quiet;   /* slept at until: no job is queued and nobody is busy */
    struct bell started; /* slept at until: starting is 0 */
    struct bell ended;   /* slept at until: alive and visitors are 0 and nobody joins yet, or GONE */

    struct worker workers[]; /* options.ceiling seats */
};

/* Where a submitter waits for its own job. It lies on that submitter's stack, so it must not be touched after
 * the lock under which it was settled has been dropped. */
struct ticket {
    pool_task *run;
    void *arg;
    /* Guarded by the pool's lock. */
    bool settled;
    enum pool_status outcome; /* POOL_OK, POOL_FAILED or POOL_DISCARDED */
    struct bell bell;         /* slept at until: settled */
};

/* A thread that runs a task or a discard function of POOL is inside it until that function returns. Inside
 * one pool it may enter another (a task that stops a second pool runs its discards): hence a chain, on the
 * thread's own stack. */
struct inside {
    struct pool *pool;
    struct worker *worker; /* NULL: the thread is none of this pool's workers */
    int code;              /* what the task told pool_task_fail */
    struct inside *outer;
};

/* pool_inside.c */
extern _Thread_local struct inside *pool_innermost;
void pool_inside_enter(struct inside *frame, struct pool *pool, struct worker *worker);
void pool_inside_leave(const struct inside *frame);
void pool_inside_unwind(struct inside *frame); /* FRAME is the innermost again, whatever was entered since */
bool pool_inside(const struct pool *pool);

/* The worker of the innermost frame, if that is POOL's. */
static inline struct worker *pool_inside_worker(const struct pool *pool)
{
    return pool_innermost && pool_innermost->pool == pool ? pool_innermost->worker : NULL;
}

/* Different for each thread. */
static inline uintptr_t pool_inside_address(void)
{
    return (uintptr_t)&pool_innermost;
}

/* Functions that mark a queued job as something else than a plain task: its argument is a struct pool_job, a
 * struct ticket. */
void pool_run_job(void *arg);
void pool_run_ticket(void *arg);

/* Call JOB's discard function; no lock is held. Tell who waits for JOB how it went. */
void pool_discard(struct pool *pool, struct pool_item job);
void pool_settle_locked(struct pool_item job, enum pool_status outcome);

/* Run JOB in this thread, which is not a worker or is one that is inside a task. Nothing is locked. */
enum pool_status pool_run_here(struct pool *pool, struct pool_item job);
void pool_report_failure(struct pool *pool, struct pool_item job, int code, unsigned left);

/* pool_submit.c: said by every worker and visitor that leaves: the last one wakes somebody who waits for the
 * end. */
void pool_leave_locked(struct pool *pool);
bool pool_is_left_locked(const struct pool *pool);

/* pool.c */
void pool_free(struct pool *pool); /* no thread is left */

/* pool_stop.c */
void pool_set_paused_locked(struct pool *pool, bool paused);
void pool_publish_locked(struct pool *pool); /* phase, pause, or the number of workers has changed */

/* pool_workers.c */
void *pool_worker_main(void *worker);

/* pool_calls.c: workers come, are called, and go. */
enum pool_status pool_worker_start_locked(struct pool *pool);
void pool_call_now_locked(struct pool *pool, size_t jobs);
void pool_call_one_locked(struct worker *worker);
void pool_call_all_locked(struct pool *pool);
void pool_count_callable_locked(struct pool *pool);
void pool_revive_locked(struct pool *pool);
void pool_idle_enter_locked(struct worker *me);
void pool_idle_leave_locked(struct worker *me);
bool pool_spin_locked(struct worker *me); /* false: not now */
bool pool_is_quiet_locked(const struct pool *pool);
void pool_quiet_locked(struct pool *pool); /* wake who waits for quiet, if it is */

/* pool_steal.c */
bool pool_own_take(struct worker *me, struct pool_item *job);
bool pool_take_queued_locked(struct worker *me, struct pool_item *job);
bool pool_steal_locked(struct worker *me, struct pool_item *job);
bool pool_steal_any_locked(struct pool *pool, struct pool_item *job);
enum pool_status pool_own_push(struct worker *me, struct pool_item job);
size_t pool_held(const struct pool *pool); /* jobs in shards, hands and deques */

/* Jobs that nobody has begun. With the lock held. */
static inline size_t pool_left_over(const struct pool *pool)
{
    return pool->queue.count + pool_held(pool);
}

static inline void tally_add(_Atomic unsigned long long *number)
{
    unsigned long long old = atomic_load_explicit(number, memory_order_relaxed);
    atomic_store_explicit(number, old + 1, memory_order_release);
}

/* JOBS were queued: see that somebody comes. Most of the time all are awake, and there is nothing to do. */
static inline void pool_call_locked(struct pool *pool, size_t jobs)
{
    if (pool->idle_last || pool->alive < pool->wanted ||
        atomic_load_explicit(&pool->spinning, memory_order_relaxed) > 0)
        pool_call_now_locked(pool, jobs);
}

static inline void pool_relax(void)
{
#if defined(__x86_64__) || defined(__i386__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    __asm__("yield" ::: "memory");
#endif
}

/* Take the lock. While workers may spin, so may who finds it taken: a thread that sleeps for a lock that is
 * free again in a microsecond costs itself and the owner two system calls. The pauses grow, so that the owner
 * has the cache line to itself in between. */
static inline void pool_enter(struct pool *pool)
{
    for (unsigned pause = 16; pool->spinners_allowed && pause <= 256; pause *= 2) {
        if (lock_try(&pool->lock))
            return;
        for (unsigned i = 0; i < pause; i++)
            pool_relax();
    }
    lock_take(&pool->lock);
}

#endif
