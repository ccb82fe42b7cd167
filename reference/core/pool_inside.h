/* pool_inside.h - what pool.c and pool_stop.c share: the pool's fields, its phases, and who is inside it.
 *
 * Private to this room. The lock table, the phases and the owners of every piece of memory are drawn in
 * README.md.
 */
#ifndef DEEPEND_POOL_INSIDE_H
#define DEEPEND_POOL_INSIDE_H

#include "monitor.h"
#include "pool.h"
#include "queue.h"

/* A pool only ever moves down this list; it may skip lines. */
enum phase {
    PHASE_OPEN,     /* takes jobs, runs them */
    PHASE_DRAINING, /* takes none; runs those that wait */
    PHASE_STOPPING, /* takes none; those that wait are being discarded */
    PHASE_JOINING,  /* workers and visitors have left; one thread joins the workers */
    PHASE_GONE      /* the workers are joined: the pool can only be asked and destroyed */
};

/* Where a submitter waits for its own job. It lives on that submitter's stack: nobody touches it after the
 * ring. */
struct ticket {
    bool settled;             /* guarded by the pool's lock, as is */
    enum pool_status outcome; /* POOL_OK or POOL_DISCARDED */
    struct bell bell;         /* rung when: settled */
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
    struct bell work;  /* rung when: a job came, or the pool left PHASE_OPEN */
    struct bell room;  /* rung when: a slot became free, or the pool left PHASE_OPEN */
    struct bell ended; /* rung when: alive and visitors are both 0, or PHASE_GONE */

    /* Written by pool_create, then read by the one thread that joins. */
    unsigned workers; /* threads started */
    pthread_t threads[];
};

/* A thread that runs a task or a discard function of POOL is inside it, until that function returns. Inside
 * one pool it may enter another (a task that stops a second pool and so runs its discards): hence a chain, on
 * the stack. */
struct inside {
    const struct pool *pool;
    const struct inside *outer;
};

void pool_inside_enter(struct inside *frame, const struct pool *pool);
void pool_inside_leave(const struct inside *frame);
bool pool_inside(const struct pool *pool);

/* The last worker or visitor to go tells those who wait for the end. */
void pool_tell_if_ended_locked(struct pool *pool);

/* Tell the thread that waits for JOB, if there is one, how it went. */
void pool_settle_locked(struct pool *pool, const struct job *job, enum pool_status outcome);

#endif
