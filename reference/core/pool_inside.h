/* pool_inside.h - what pool.c and pool_stop.c share: the pool's fields, its phases, and who is inside it.
 *
 * Private to this room. README.md draws the phases and tables the lock, its bells and the owners of memory.
 */
#ifndef DEEPEND_POOL_INSIDE_H
#define DEEPEND_POOL_INSIDE_H

#include "pool.h"
#include "pool_monitor.h"
#include "pool_queue.h"

/* A pool only ever moves down this list; it may skip lines. */
enum phase {
    PHASE_OPEN,     /* takes jobs, runs them */
    PHASE_DRAINING, /* takes none; runs those that wait */
    PHASE_STOPPING, /* takes none; those that wait are being discarded */
    PHASE_JOINING,  /* workers and visitors have left; one thread joins the workers */
    PHASE_GONE      /* the workers are joined: the pool can only be asked and destroyed */
};

struct pool {
    /* Fixed after create. */
    void (*discard)(void *arg);

    struct lock lock; /* the only one; no task and no discard function is ever called under it */

    /* Guarded by lock. */
    enum phase phase;
    struct queue queue;
    size_t alive;    /* workers that have not left their loop */
    size_t running;  /* jobs that a worker is running */
    size_t visitors; /* threads that sleep in a submit or run a discard: the pool must outlive them */
    unsigned long long submitted, completed, discarded, refused;
    struct bell work;  /* slept at until: a job waits, or the phase is not OPEN */
    struct bell room;  /* slept at until: a slot is free, or the phase is not OPEN */
    struct bell ended; /* slept at until: alive and visitors are 0 and nobody joins yet, or GONE */

    /* Written by pool_create, later read by the one thread that joins. */
    unsigned workers; /* threads started */
    pthread_t threads[];
};

/* Where a submitter waits for its own job. It lies on that submitter's stack, so it must not be touched after
 * the lock under which it was settled has been dropped. */
struct ticket {
    /* Guarded by the pool's lock. */
    bool settled;
    enum pool_status outcome; /* POOL_OK or POOL_DISCARDED */
    struct bell bell;         /* slept at until: settled */
};

/* A thread that runs a task or a discard function of POOL is inside it until that function returns. Inside
 * one pool it may enter another (a task that stops a second pool runs its discards): hence a chain, on the
 * thread's own stack. */
struct inside {
    const struct pool *pool;
    const struct inside *outer;
};

void pool_inside_enter(struct inside *frame, const struct pool *pool);
void pool_inside_leave(const struct inside *frame);
bool pool_inside(const struct pool *pool);

/* What a queued pool_job runs as. A job in the queue whose function this is has a struct pool_job for its
 * argument, and that has a discard function of its own. */
void pool_run_job(void *arg);

/* Tell the thread that waits for a job how it went. NULL: nobody waits. */
void pool_settle_locked(struct ticket *ticket, enum pool_status outcome);

/* Said by every worker and visitor that leaves: the last one wakes somebody who waits for the end. */
void pool_leave_locked(struct pool *pool);

#endif
