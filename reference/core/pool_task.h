/* pool_task.h - what a task may say and ask about itself, from inside.
 *
 *     static void resize_image(void *arg)
 *     {
 *         struct image *image = arg;
 *         pool_task_label("resize");                          // seen by pool_workers
 *         if (draw(image, pool_task_state()) < 0)
 *             pool_task_fail(ENOSPC);                         // counted, told to on_failure
 *     }
 *
 * All are for the thread that runs the task, never block, and mean the innermost pool that the thread is
 * inside of.
 */
#ifndef DEEPEND_POOL_TASK_H
#define DEEPEND_POOL_TASK_H

#include "status.h"

#ifdef __cplusplus
extern "C" {
#endif

/* This task has failed, for the reason CODE, not 0. It goes on; when it returns it counts as failed instead
 * of completed, on_failure hears of it, and its pool_submit_wait answers POOL_FAILED. The last code counts.
 * POOL_OK; POOL_INVALID: 0, or not inside a task. In a discard function it has no effect. */
enum pool_status pool_task_fail(int code);

/* What this task is doing now. LABEL must outlive the task (a literal). It ends with the task. Kept only with
 * POOL_NOTES_ON and in a worker. */
void pool_task_label(const char *label);

/* What worker_start has made for this worker; NULL without one, outside of a pool, and in a task that runs in
 * its submitter's thread. */
void *pool_task_state(void);

/* This worker's number, 0 to ceiling - 1; -1 if the thread is no worker. A number is used again once its
 * worker has left. */
int pool_task_worker(void);

#ifdef __cplusplus
}
#endif

#endif
