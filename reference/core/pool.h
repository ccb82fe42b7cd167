/* pool.h - a fixed set of worker threads behind a bounded queue.
 *
 *     struct pool *pool;
 *     if (pool_create(&pool, &(struct pool_options){.workers = 4, .capacity = 64}) != POOL_OK) ...
 *     if (pool_submit(pool, work, arg) != POOL_OK) free(arg);  // refused: arg is still yours
 *     pool_drain(pool);                                        // no more tasks in; run those that wait
 *     pool_destroy(pool);
 *
 * The caller's steps, in order: create, submit, stop or drain, destroy. A task is a function and its
 * argument. The submitter owns the argument until a submit has accepted the task; from then on the task owns
 * it, or the `discard` function if the task never gets to run. Nothing is lost in silence: every refusal has
 * a code, and everything is counted. Tasks start in the order in which they were accepted.
 *
 * Any thread may call any function, and from inside the pool, which is to say from one of its tasks or
 * discard functions, unless it says otherwise here. POOL_INVALID answers a NULL pool, function or deadline,
 * and a deadline whose nanoseconds are not below a second. A task must return: for one that leaves by
 * pthread_exit, longjmp or cancellation the pool would wait for ever.
 */
#ifndef DEEPEND_POOL_H
#define DEEPEND_POOL_H

#include "status.h"
#include <stddef.h>
#include <time.h>

#ifdef __cplusplus
extern "C" {
#endif

/* --- create ------------------------------------------------------------------------------------------- */

struct pool;

typedef void pool_task(void *arg);

enum { POOL_MAX_WORKERS = 4096 };

struct pool_options {
    unsigned workers;           /* 1 to POOL_MAX_WORKERS */
    size_t capacity;            /* tasks that may wait in the queue, at least 1; running ones do not count */
    void (*discard)(void *arg); /* takes back the argument of a task that never ran; may be NULL. Called
                                   without any lock, by the thread that stops, drains or destroys the pool */
};

/* Make a pool and start its workers. POOL_INVALID, POOL_NO_MEMORY or POOL_NO_THREAD leave nothing behind and
 * *POOL NULL. */
POOL_MUST_LOOK enum pool_status pool_create(struct pool **pool, const struct pool_options *options);

/* --- submit ------------------------------------------------------------------------------------------- */

/* Queue a task; wait while the queue is full. POOL_OK, or POOL_STOPPED, also if the pool stops during the
 * wait. From inside this pool with the queue full, POOL_WOULD_DEADLOCK: it could be the caller that must make
 * room. */
POOL_MUST_LOOK enum pool_status pool_submit(struct pool *pool, pool_task *run, void *arg);

/* Queue a task if there is room now. POOL_OK, POOL_FULL or POOL_STOPPED. Never waits. */
POOL_MUST_LOOK enum pool_status pool_try_submit(struct pool *pool, pool_task *run, void *arg);

/* Like pool_submit, but wait no longer than until DEADLINE (CLOCK_MONOTONIC): then POOL_TIMED_OUT. A deadline
 * in the past still tries. Inside this pool it may wait too, never POOL_WOULD_DEADLOCK: its wait has an end.
 */
POOL_MUST_LOOK enum pool_status pool_submit_until(struct pool *pool, pool_task *run, void *arg,
                                                  const struct timespec *deadline);

/* Queue a task, waiting for room like pool_submit, then wait until it has run: POOL_OK. POOL_DISCARDED: a
 * stop threw it out, and the discard function has had its argument. POOL_STOPPED: refused. From inside this
 * pool POOL_WOULD_DEADLOCK, at once: the caller may be the only worker that could run it. Two pools whose
 * tasks wait for each other are not recognised. */
POOL_MUST_LOOK enum pool_status pool_submit_wait(struct pool *pool, pool_task *run, void *arg);

/* A task that hears its fate: once accepted, exactly one of the two is called with the job, from where a task
 * or a discard function is; the pool's own `discard` never sees it. For those who build on a pool and may not
 * lose a task when its owner stops it. The job lies in the submitter's memory and is never touched again once
 * one of the two has been called. */
struct pool_job {
    void (*run)(struct pool_job *job);
    void (*discard)(struct pool_job *job);
};

/* Like pool_submit_until; DEADLINE NULL: like pool_submit. POOL_INVALID if the job lacks a function. */
POOL_MUST_LOOK enum pool_status pool_submit_job(struct pool *pool, struct pool_job *job,
                                                const struct timespec *deadline);

/* --- the end ------------------------------------------------------------------------------------------ */

/* Stop: take no more tasks, discard those that wait, let those that run finish.
 * Drain: take no more tasks, run those that wait.
 * Both return POOL_OK once every worker is joined, every discard function has returned, and every thread that
 * was waiting in a submit has left the pool. Several callers at once, or a repeat, are fine: all return when
 * that is done, and a stop during a drain discards what is still queued. From inside this pool:
 * POOL_WOULD_DEADLOCK, nothing changed. */
enum pool_status pool_stop(struct pool *pool);
enum pool_status pool_drain(struct pool *pool);

/* What was left when a drain ran out of time. */
struct pool_leftover {
    size_t discarded; /* queued tasks that were thrown out */
    size_t running;   /* tasks still running: they keep their workers, and pool_destroy would wait for them */
};

/* A drain in two phases: run what waits until DEADLINE (CLOCK_MONOTONIC); then discard the rest, and return
 * without waiting for the tasks that run. POOL_OK: no task is left and the workers are joined.
 * POOL_TIMED_OUT: tasks were left at the deadline, *LEFT says how many; pool_stop or pool_destroy waits for
 * the running ones. LEFT may be NULL; unless time ran out it is all 0. From inside this pool:
 * POOL_WOULD_DEADLOCK, nothing changed. */
enum pool_status pool_drain_until(struct pool *pool, const struct timespec *deadline,
                                  struct pool_leftover *left);

/* pool_stop, then free. NULL is fine. From now on nobody may call into the pool; threads that sleep in a
 * submit are let out first. Never from inside this pool (asserted). */
void pool_destroy(struct pool *pool);

/* --- asking ------------------------------------------------------------------------------------------- */

/* A snapshot: all numbers were true at one moment. submitted = completed + discarded + queued + running.
 * `refused` counts the submits that answered POOL_FULL, _STOPPED, _TIMED_OUT or _WOULD_DEADLOCK. */
struct pool_counts {
    size_t queued, running;
    unsigned long long submitted, completed, discarded, refused;
};
struct pool_counts pool_counts(struct pool *pool);

/* The deadline MILLISECONDS from now, for the timed calls. */
struct timespec pool_deadline_after(long milliseconds);

#ifdef __cplusplus
}
#endif

#endif
