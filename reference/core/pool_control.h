/* pool_control.h - to hold, to resize and to look into a pool that runs.
 *
 *     pool_pause(pool);                    // nothing starts from here; what runs goes on
 *     pool_resize(pool, 8);
 *     pool_resume(pool);
 *     struct pool_worker_info info[8];
 *     unsigned count = pool_workers(pool, info, 8);
 *
 * Any thread may call these, from inside the pool too. None waits for a task. POOL_INVALID answers a NULL
 * pool, POOL_STOPPED a pool that takes no more tasks.
 */
#ifndef DEEPEND_POOL_CONTROL_H
#define DEEPEND_POOL_CONTROL_H

#include "pool.h"

#ifdef __cplusplus
extern "C" {
#endif

/* From now on no queued task starts, whatever its age (M04: not behind the backlog). Submits go on, and wait
 * when the queue is full. Stop and drain lift the pause. A task that is just being taken may still start.
 * POOL_OK; POOL_ALREADY: it is paused. */
enum pool_status pool_pause(struct pool *pool);

/* POOL_OK; POOL_ALREADY: it is not paused. */
enum pool_status pool_resume(struct pool *pool);

/* Have so many workers, `floor` to `ceiling`, else POOL_INVALID (X12: neither 0 nor a negative number means
 * anything). Growth starts them now, or with POOL_START_LAZY when there is work. Shrinking wakes idle workers
 * to leave (X92); busy ones leave after their task (X86). Who leaves is decided under the lock, so it is
 * never one too many (X40). POOL_OK; POOL_NO_THREAD: fewer than asked for could be started, later submits try
 * again. */
POOL_MUST_LOOK enum pool_status pool_resize(struct pool *pool, unsigned workers);

/* One worker as it was a moment ago. */
struct pool_worker_info {
    unsigned index;
    unsigned busy;               /* 1: it runs a task, or is about to */
    const char *label;           /* what the task said of itself; NULL: nothing. Needs POOL_NOTES_ON, as do */
    void (*run)(void *arg);      /* the task's function, NULL between tasks, and */
    unsigned long long since_ns; /* when it started, CLOCK_MONOTONIC; 0 between tasks */
    unsigned long long completed, failed; /* tasks this worker number has ended */
};

/* Fill INFO with up to COUNT workers, by index. Returns how many there are. 0 for NULL. */
unsigned pool_workers(struct pool *pool, struct pool_worker_info *info, unsigned count);

#ifdef __cplusplus
}
#endif

#endif
