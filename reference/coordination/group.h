/* group.h - tasks that belong together: a limit, the first error, one cancel, one wait.
 *
 *     struct pool_group *group;
 *     if (pool_group_create(&group, &(struct pool_group_options){.pool = pool, .limit = 8}) != POOL_OK) ...
 *     for (size_t i = 0; i < count && status == POOL_OK; i++)
 *         status = pool_group_go(group, fetch, &pages[i], &slots[i]); // slots[i]: how it went
 *     if (pool_group_wait(group, &error) != POOL_OK) ...     // error: the first failure's
 *     pool_group_destroy(group);
 *
 * The caller's steps: create, go (or try) as often as wished, wait, destroy. The tasks run on the pool, or
 * without one on threads of the group's own, which are made as needed and joined by destroy. An argument is
 * the caller's until go or try answers POOL_OK; then it is the task's, or the `discard` function's if the
 * task never runs. A group ends when all its tasks have: nothing of it runs after a wait, also after a
 * failure or a cancel (B04).
 *
 * Decided, where the field disagrees (M13, M27, X01, X45):
 * - A limit of 0 is refused; POOL_GROUP_NO_LIMIT is none. It may be changed at any time: a higher one lets
 *   waiting callers in at once, a lower one interrupts nobody and is reached as tasks end.
 * - A group that failed or was cancelled takes no more tasks, until pool_group_reset makes it as new. A group
 *   that went well may be used on after a wait.
 * - The limit counts tasks that are accepted and not over. Callers wait for it in no order: start order is
 *   call order only for one caller.
 * - Inside a task of the group, go at the limit answers POOL_WOULD_DEADLOCK (B21), as do wait and reset.
 * - Who waits, for the end or for the limit, runs tasks that the pool has not begun: so a group may be filled
 *   and waited for inside a task of its own pool. pool_group_wait_until only waits: in a task no deadline
 *   holds.
 * - What first went otherwise is what wait tells: an error that a cancel provoked does not hide the cancel.
 *
 * Any thread may call anything, unless it says otherwise. A task must return, as in pool.h.
 */
#ifndef DEEPEND_POOL_GROUP_H
#define DEEPEND_POOL_GROUP_H

#include "status.h"
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#ifdef __cplusplus
extern "C" {
#endif

struct pool;
struct pool_group;

/* 0: it went well. Anything else is its error, and the first such error is the group's. */
typedef int pool_group_task(void *arg, struct pool_group *group);

#define POOL_GROUP_NO_LIMIT SIZE_MAX

enum pool_group_on_failure {
    POOL_GROUP_CANCEL, /* the first failure cancels what has not begun */
    POOL_GROUP_GO_ON   /* all tasks run; the first error is kept */
};

struct pool_group_options {
    struct pool *pool; /* must outlive the group's tasks; NULL: threads of its own */
    size_t limit;      /* tasks at once, at least 1, or POOL_GROUP_NO_LIMIT */
    enum pool_group_on_failure on_failure;
    void (*discard)(void *arg);       /* takes back the argument of a task that never ran; may be NULL */
    void (*on_cancel)(void *context); /* tells those who cannot ask pool_group_is_cancelled; may be NULL. Once
                                         for each cancel, before any wait returns. Both are called without a
                                         lock, and are inside the group as its tasks are */
    void *context;
};

/* How one task ended: POOL_OK, POOL_FAILED with its error, POOL_CANCELLED, or POOL_DISCARDED by the pool's
 * stop. Written once, when that is known; read it after the wait. */
struct pool_group_slot {
    enum pool_status status;
    int error;
};

/* POOL_INVALID and POOL_NO_MEMORY leave nothing behind and *GROUP NULL. Starts no thread. */
POOL_MUST_LOOK enum pool_status pool_group_create(struct pool_group **group,
                                                  const struct pool_group_options *options);

/* Add a task; wait while the limit is reached or the pool's queue is full. SLOT may be NULL. POOL_CANCELLED:
 * the group failed or was cancelled. POOL_STOPPED, POOL_WOULD_DEADLOCK: the pool's answer. POOL_NO_THREAD,
 * POOL_NO_MEMORY: nothing happened. POOL_OK also if it is cancelled right afterwards. */
POOL_MUST_LOOK enum pool_status pool_group_go(struct pool_group *group, pool_group_task *run, void *arg,
                                              struct pool_group_slot *slot);

/* The same without waiting: POOL_FULL if the limit is reached or the pool's queue is full. */
POOL_MUST_LOOK enum pool_status pool_group_try(struct pool_group *group, pool_group_task *run, void *arg,
                                               struct pool_group_slot *slot);

/* Throw out what has not begun, let in nothing more, call on_cancel. What runs goes on, and may ask
 * pool_group_is_cancelled. Repeating it changes nothing. POOL_INVALID: NULL. */
enum pool_status pool_group_cancel(struct pool_group *group);

/* 1 after a cancel, or a failure that cancels; else 0. Never waits: a task may ask as often as it likes. */
int pool_group_is_cancelled(const struct pool_group *group);

/* Wait until no task is left. POOL_OK: all went well. What first went otherwise: POOL_FAILED,
 * and *ERROR (may be NULL) is what that task returned; POOL_CANCELLED; POOL_DISCARDED. An empty group: at
 * once. Several may wait. POOL_WOULD_DEADLOCK from inside. */
POOL_MUST_LOOK enum pool_status pool_group_wait(struct pool_group *group, int *error);

/* The same, until DEADLINE (CLOCK_MONOTONIC): then POOL_TIMED_OUT, and the tasks go on. */
POOL_MUST_LOOK enum pool_status pool_group_wait_until(struct pool_group *group,
                                                      const struct timespec *deadline, int *error);

/* Change the limit. POOL_INVALID: 0, or no group. */
enum pool_status pool_group_set_limit(struct pool_group *group, size_t limit);

/* Wait until no task is left, then forget errors and cancels. POOL_WOULD_DEADLOCK from inside. */
enum pool_status pool_group_reset(struct pool_group *group);

/* Cancel, wait for what runs and for callers inside go, join the group's threads, free. NULL is fine. Never
 * from inside (asserted). */
void pool_group_destroy(struct pool_group *group);

/* A snapshot: accepted = queued + running + succeeded + failed + cancelled + discarded. `blocked` callers
 * wait for the limit, `waiting` ones for the end; `threads` are the group's own. Counted since create. */
struct pool_group_counts {
    size_t limit, queued, running, blocked, waiting, threads;
    unsigned long long accepted, succeeded, failed, cancelled, discarded;
};
struct pool_group_counts pool_group_counts(struct pool_group *group);

#ifdef __cplusplus
}
#endif

#endif
