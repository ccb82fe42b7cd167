/* pool_options.h - the switches of a pool. Whatever is 0 is as plain as it can be.
 *
 *     struct pool_options plain = {.workers = 4, .capacity = 64};
 *     struct pool_options fast = {.workers = 4, .queue = POOL_UNBOUNDED, .shards = 8, .batch = 64,
 *                                 .spin_us = 50, .inner = POOL_INNER_OWN, .waiting = POOL_WAITING_HELPS};
 *
 * With plain options everything that pool.h says is exact. Five switches buy speed with some of that; each
 * says below what it gives up. pool_create checks the options: POOL_INVALID for a number out of range, or for
 * two that contradict each other.
 */
#ifndef DEEPEND_POOL_OPTIONS_H
#define DEEPEND_POOL_OPTIONS_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

enum { POOL_MAX_WORKERS = 4096, POOL_MAX_BATCH = 64, POOL_MAX_SPIN_US = 10000, POOL_MAX_QUEUES = 64 };

enum pool_queue_kind {
    POOL_BOUNDED,  /* `capacity` tasks; 16 bytes a slot, allocated at create */
    POOL_UNBOUNDED /* `capacity` must be 0; 16.1 bytes a waiting task. Every submit may answer POOL_NO_MEMORY
                    */
};

/* What a submit to a full queue does. pool_try_submit and pool_submit_batch answer POOL_FULL in any case. */
enum pool_overflow {
    POOL_BLOCK,       /* waits for room */
    POOL_REJECT,      /* POOL_FULL */
    POOL_DROP_OLDEST, /* throws out the task that has waited longest; POOL_OK */
    POOL_DROP_NEWEST, /* throws out the new one: it counts as submitted and discarded; POOL_DISCARDED */
    POOL_KEEP_LATEST, /* throws out all that wait; only the new one is left; POOL_OK */
    POOL_CALLER_RUNS  /* runs the new one at once, in the submitting thread; POOL_OK */
};

enum pool_wake {
    POOL_WAKE_LAST, /* who fell asleep last: its cache is warm, and the others can expire */
    POOL_WAKE_FIRST /* who has slept longest: all get their turn */
};

enum pool_start {
    POOL_START_NOW, /* all workers at create */
    POOL_START_LAZY /* one when a task is queued and nobody is idle. With no worker at all and none to be had,
                       the submit answers POOL_NO_THREAD */
};

enum pool_inner {
    POOL_INNER_QUEUE, /* what a task submits goes to the end of the queue */
    POOL_INNER_OWN /* to its worker's own deque, which runs the newest first; idle workers steal the oldest.
                      Unbounded pools only. Gives up: the order. For trees of tasks */
};

enum pool_waiting {
    POOL_WAITING_SLEEPS, /* pool_submit_wait waits for a worker; inside this pool POOL_WOULD_DEADLOCK */
    POOL_WAITING_HELPS   /* it runs its task at once in its own thread: no hand-over, and no deadlock inside.
                            So does a pool_submit from inside to a full queue. Gives up: the order, and that
                            no more tasks run at once than there are workers. While the pool is paused only
                            calls from inside do this */
};

enum pool_notes {
    POOL_NOTES_OFF,
    POOL_NOTES_ON /* pool_workers tells what each worker runs, its label and since when: two looks at the
                     clock and some stores a task */
};

/* How a task failed. */
struct pool_failure {
    void (*run)(
        void *arg); /* the task's function and argument, as submitted; a pool_job's: NULL and the job */
    void *arg;
    int code;      /* what it told pool_task_fail; 0 if it left its thread */
    unsigned left; /* 1: it left by pthread_exit or was cancelled, and its worker is replaced */
};

struct pool_options {
    unsigned workers;           /* 1 to POOL_MAX_WORKERS; pool_resize changes it */
    size_t capacity;            /* of a bounded queue, at least 1; tasks that run do not count */
    void (*discard)(void *arg); /* takes back the argument of a task that never ran; may be NULL. Called
                                   without any lock by the thread that ends the pool, or whose submit throws
                                   a task out */
    enum pool_queue_kind queue;
    enum pool_overflow overflow;
    enum pool_wake wake;
    enum pool_start start;
    enum pool_inner inner;
    enum pool_waiting waiting;
    enum pool_notes notes;

    unsigned floor, ceiling; /* the least and the most that pool_resize may ask for; 0: 1, and `workers` */
    unsigned idle_ms; /* a worker that is idle for so long leaves while more than `floor` are there (all
                         may, if `floor` is 0); 0: never. Looked at on CLOCK_MONOTONIC */

    /* A worker takes up to so many tasks from the queue at once, never more than its share of what waits, and
     * only one while somebody sleeps; what it has not begun, others that run out of work take away. 0 or 1:
     * one. Gives up: tasks of different workers start up to this much out of order, and (batch - 1) a worker
     * wait beside the queue. With POOL_DROP_OLDEST and POOL_KEEP_LATEST it is 1. At most POOL_MAX_BATCH. */
    unsigned batch;

    /* So many queues for tasks from outside, each with a lock of its own, in place of one; workers take from
     * all of them in turns. A submitting thread always comes to the same one. 0: one queue under the pool's
     * own lock. Unbounded pools only. Gives up: the order of tasks of different submitters (those of one start
     * in their order, up to `batch`), and that with POOL_START_LAZY a submit whose worker cannot be had says
     * so, unless it is the first. A shard keeps up to 20 KB after a burst. At most POOL_MAX_QUEUES. */
    unsigned shards;

    /* An idle worker looks for work so long before it sleeps, less if that was in vain lately; likewise who
     * finds the lock taken tries again a few times. 0: never; on one processor it lets the others run once
     * instead. At most POOL_MAX_SPIN_US. */
    unsigned spin_us;

    /* A worker that finds nothing while others are busy sleeps for so long, then for twice, four times and
     * eight times as long, and looks again after each; only then it stands where it can be called. While it
     * naps no submit pays for waking it. Gives up: a task may wait for the end of a nap beside a long one, with
     * a worker asleep. A pool in which nobody is busy does not nap. 0: never. At most POOL_MAX_SPIN_US. */
    unsigned nap_us;

    /* State of each worker. Called in the worker's thread, inside the pool, before its first task and after
     * its last. worker_start answers 0, or else the worker does not start: then pool_create answers
     * POOL_FAILED; later it counts in `unstarted`, and a submit that finds nobody idle tries again. Either
     * may be NULL. */
    int (*worker_start)(void *context, unsigned index, void **state);
    void (*worker_stop)(void *context, void *state);

    /* Called once for every task that failed, without any lock, in the thread that ran it, after the task.
     * May be NULL. */
    void (*on_failure)(void *context, const struct pool_failure *failure);

    void *context; /* for the three above */
};

#ifdef __cplusplus
}
#endif

#endif
