/* pool.h - worker threads behind a queue.
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
 * a code, and everything is counted. Tasks start in the order in which they were accepted. pool_options.h has
 * switches that change some of this; pool_task.h is for inside a task, pool_control.h for pause and resize.
 *
 * Any thread may call any function, and from inside the pool, which is to say from one of its tasks or
 * discard functions, unless it says otherwise here. POOL_INVALID answers a NULL pool, function or deadline,
 * and a deadline whose nanoseconds are not below a second. A task that leaves by pthread_exit, or whose
 * thread is cancelled, has failed, and its worker is replaced; one that leaves by longjmp breaks the pool.
 */
#ifndef DEEPEND_POOL_H
#define DEEPEND_POOL_H

#include "item.h"
#include "pool_options.h"
#include "status.h"
#include <stddef.h>
#include <time.h>

#ifdef __cplusplus
extern "C" {
#endif

/* --- create ------------------------------------------------------------------------------------------- */

struct pool;

typedef void pool_task(void *arg);

/* Make a pool and start its workers. POOL_INVALID, POOL_NO_MEMORY, POOL_NO_THREAD, or POOL_FAILED from a
 * worker_start leave nothing behind and *POOL NULL. */
POOL_MUST_LOOK enum pool_status pool_create(struct pool **pool, const struct pool_options *options);

/* --- submit ------------------------------------------------------------------------------------------- */

/* Queue a task; wait while the queue is full. POOL_OK, or POOL_STOPPED, also if the pool stops during the
 * wait. From inside this pool with the queue full, POOL_WOULD_DEADLOCK: it could be the caller that must make
 * room. `overflow` and `waiting` give other answers to a full queue. */
POOL_MUST_LOOK enum pool_status pool_submit(struct pool *pool, pool_task *run, void *arg);

/* Queue a task if there is room now. POOL_OK, POOL_FULL or POOL_STOPPED. Never waits. */
POOL_MUST_LOOK enum pool_status pool_try_submit(struct pool *pool, pool_task *run, void *arg);

/* Like pool_submit, but wait no longer than until DEADLINE (CLOCK_MONOTONIC): then POOL_TIMED_OUT. A deadline
 * in the past still tries. Inside this pool it may wait too, never POOL_WOULD_DEADLOCK: its wait has an end.
 */
POOL_MUST_LOOK enum pool_status pool_submit_until(struct pool *pool, pool_task *run, void *arg,
                                                  const struct timespec *deadline);

/* Queue a task, waiting for room like pool_submit, then wait until it has run: POOL_OK, or POOL_FAILED.
 * POOL_DISCARDED: it was thrown out, and the discard function has had its argument. POOL_STOPPED: refused.
 * From inside this pool POOL_WOULD_DEADLOCK, at once: the caller may be the only worker that could run it.
 * Two pools whose tasks wait for each other are not recognised. */
POOL_MUST_LOOK enum pool_status pool_submit_wait(struct pool *pool, pool_task *run, void *arg);

/* Queue the first of COUNT tasks that there is room for, side by side, with one wake-up for all. Never waits.
 * POOL_OK: all; POOL_FULL, POOL_STOPPED, POOL_NO_MEMORY, POOL_NO_THREAD: only *TAKEN of them, which may be
 * NULL. COUNT 0 is POOL_OK. */
POOL_MUST_LOOK enum pool_status pool_submit_batch(struct pool *pool, const struct pool_item *tasks,
                                                  size_t count, size_t *taken);

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

/* --- waiting, and the end ----------------------------------------------------------------------------- */

/* Wait until no task is queued or running; more may come at once. POOL_OK. POOL_TIMED_OUT: not by DEADLINE
 * (CLOCK_MONOTONIC; NULL: none). From inside this pool: POOL_WOULD_DEADLOCK. The pool stays open. */
POOL_MUST_LOOK enum pool_status pool_wait_idle(struct pool *pool, const struct timespec *deadline);

/* Stop: take no more tasks, discard those that wait, let those that run finish.
 * Drain: take no more tasks, run those that wait.
 * Both return POOL_OK once every worker is joined, every discard function has returned, and every thread that
 * was waiting in a submit has left the pool. Several callers at once, or a repeat, are fine: all return when
 * that is done, and a stop during a drain discards what is still queued (X49: the stricter wins, not the
 * first). From inside this pool: POOL_WOULD_DEADLOCK, nothing changed. POOL_NO_THREAD from a drain: the last
 * worker was lost and could not be replaced; what it could not run was discarded. */
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

/* submitted = completed + failed + discarded + queued + running, always; with plain options all numbers were
 * true at one moment, with `batch`, shards or POOL_INNER_OWN each was true at some moment of the call. `refused`
 * counts submits that answered POOL_FULL, _STOPPED, _TIMED_OUT, _WOULD_DEADLOCK, _NO_MEMORY or _NO_THREAD, a
 * batch each task. They wrap round at 2 to the 64th. */
struct pool_counts {
    size_t queued, running;
    unsigned long long submitted, completed, discarded, refused;
    unsigned long long failed;
    unsigned long long dropped;            /* of the discarded: thrown out by `overflow` */
    unsigned long long exited;             /* of the failed: left by pthread_exit or cancelled */
    unsigned long long unstarted, expired; /* workers: worker_start failed; left idle */
    unsigned workers, idle;                /* there now; of them without work */
};
struct pool_counts pool_counts(struct pool *pool);

/* The deadline MILLISECONDS from now, for the timed calls. */
struct timespec pool_deadline_after(long milliseconds);

#ifdef __cplusplus
}
#endif

#endif
