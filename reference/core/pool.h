/* pool.h - a fixed set of worker threads behind a bounded queue.
 *
 *     struct pool *pool;
 *     if (pool_create(&pool, &(struct pool_options){.workers = 4, .capacity = 64}) != POOL_OK) ...
 *     if (pool_submit(pool, work, arg) != POOL_OK) free(arg);   // refused: arg is still yours
 *     pool_drain(pool);                                          // no more tasks in; runs those that are
 *     pool_destroy(pool);
 *
 * The caller's steps, in order: create, submit, stop or drain, destroy. A task is a function and its argument. The
 * submitter owns the argument until a submit returns POOL_OK; from then on the task owns it, or, if the task is discarded
 * before it ran, the pool's `discard` function does. Nothing is dropped in silence: every refusal has a code,
 * every discarded task is counted.
 *
 * Every function may be called from any thread, and from inside a task, unless it says otherwise.
 */
#ifndef DEEPEND_POOL_H
#define DEEPEND_POOL_H

#include <stddef.h>
#include <time.h>

/* What a call answers. One list, so that the texts cannot drift from the codes. */
#define POOL_STATUSES(X)                                                                                     \
    X(POOL_OK,             "done")                                                                           \
    X(POOL_FULL,           "the queue is full")                                                              \
    X(POOL_STOPPED,        "the pool takes no more tasks")                                                   \
    X(POOL_TIMED_OUT,      "the deadline passed first")                                                      \
    X(POOL_WOULD_DEADLOCK, "a worker of this pool would wait for itself")                                    \
    X(POOL_DISCARDED,      "the task was discarded before it ran")                                           \
    X(POOL_INVALID,        "an argument is out of range")                                                    \
    X(POOL_NO_MEMORY,      "out of memory")                                                                  \
    X(POOL_NO_THREAD,      "the system gave no thread")

enum pool_status {
#define X(code, text) code,
    POOL_STATUSES(X)
#undef X
};

/* A short English text for STATUS; static. */
const char *pool_status_text(enum pool_status status);

struct pool;

typedef void pool_task(void *arg);

struct pool_options {
    unsigned workers;           /* 1 to POOL_MAX_WORKERS */
    size_t capacity;            /* tasks that may wait in the queue, at least 1; running ones do not count */
    void (*discard)(void *arg); /* takes back the argument of a task that never ran; may be NULL */
};

enum { POOL_MAX_WORKERS = 4096 };

/* Make a pool and start its workers. POOL_INVALID, POOL_NO_MEMORY or POOL_NO_THREAD leave nothing behind and *POOL NULL. */
__attribute__((warn_unused_result)) enum pool_status pool_create(struct pool **pool, const struct pool_options *options);

/* Queue a task; wait while the queue is full. POOL_OK, POOL_STOPPED (also when the pool stops during the wait), POOL_INVALID.
 * From a task of the same pool with a full queue, POOL_WOULD_DEADLOCK: waiting for room could wait for the caller itself. */
__attribute__((warn_unused_result)) enum pool_status pool_submit(struct pool *pool, pool_task *run, void *arg);

/* Queue a task if there is room now. POOL_OK, POOL_FULL, POOL_STOPPED, POOL_INVALID. Never waits. */
__attribute__((warn_unused_result)) enum pool_status pool_try_submit(struct pool *pool, pool_task *run, void *arg);

/* Like pool_submit, but no longer than until DEADLINE (CLOCK_MONOTONIC): then POOL_TIMED_OUT. A deadline in the past tries once. */
__attribute__((warn_unused_result)) enum pool_status pool_submit_until(struct pool *pool, pool_task *run, void *arg,
                                                                      const struct timespec *deadline);

/* Queue a task and wait until it has run. POOL_OK: it has run. POOL_DISCARDED: a stop threw it out; the discard function has had its
 * argument. From a task of the same pool POOL_WOULD_DEADLOCK, at once: the caller may be the only thread that could run it. */
__attribute__((warn_unused_result)) enum pool_status pool_submit_wait(struct pool *pool, pool_task *run, void *arg);

/* Stop: take no more tasks, discard those that wait, let those that run finish, and wait for that.
 * Drain: take no more tasks, run those that wait, and wait for that.
 * Both return POOL_OK once every worker has been joined. Several callers at once, or a repeat, are fine: all return when the
 * workers are gone, and a stop during a drain discards what is still queued. From a task of the pool: POOL_WOULD_DEADLOCK, nothing changed. */
enum pool_status pool_stop(struct pool *pool);
enum pool_status pool_drain(struct pool *pool);

/* What was left when a drain ran out of time. */
struct pool_leftover {
    size_t discarded; /* queued tasks that were thrown out */
    size_t running;   /* tasks still running: they keep their workers, and the pool cannot be destroyed yet */
};

/* Drain in two phases: run the queue until DEADLINE (CLOCK_MONOTONIC); then discard the rest and report it in *LEFT (may be NULL).
 * POOL_OK: all ran and the workers are joined. POOL_TIMED_OUT: see LEFT; pool_stop or pool_destroy waits for the running ones. */
enum pool_status pool_drain_until(struct pool *pool, const struct timespec *deadline, struct pool_leftover *left);

/* A snapshot: each number was true at one moment, the same for all. submitted = completed + discarded + queued + running. */
struct pool_counts {
    size_t queued, running;
    unsigned long long submitted, completed, discarded, refused;
};
struct pool_counts pool_counts(struct pool *pool);

/* Stop if that has not been done, then free. NULL is fine. Nobody may use the pool any more, and it must not be called
 * from one of its tasks (asserted). */
void pool_destroy(struct pool *pool);

/* The deadline MILLISECONDS from now, for the timed calls. */
struct timespec pool_deadline_after(long milliseconds);

#endif
