/* pool_inside.c - who is inside a pool, and a job's way in a thread: run, failed, discarded.
 *
 * Every thread that runs a task or a discard function has a frame for it on its stack, linked to the frame of
 * the pool it was inside of before. The frame tells the calls of pool_task.h whom they mean.
 */
#include "pool_inside.h"
#include "pool_task.h"

_Thread_local struct inside *pool_innermost;

void pool_inside_enter(struct inside *frame, struct pool *pool, struct worker *worker)
{
    *frame = (struct inside){.pool = pool, .worker = worker, .outer = pool_innermost};
    pool_innermost = frame;
}

void pool_inside_leave(const struct inside *frame)
{
    assert(pool_innermost == frame);
    pool_innermost = frame->outer;
}

void pool_inside_unwind(struct inside *frame)
{
    pool_innermost = frame;
}

bool pool_inside(const struct pool *pool)
{
    for (const struct inside *frame = pool_innermost; frame; frame = frame->outer)
        if (frame->pool == pool)
            return true;
    return false;
}

/* --- what a task says ----------------------------------------------------------------------------------- */

enum pool_status pool_task_fail(int code)
{
    if (code == 0 || !pool_innermost)
        return POOL_INVALID;
    pool_innermost->code = code;
    return POOL_OK;
}

void pool_task_label(const char *label)
{
    if (pool_innermost && pool_innermost->worker && pool_innermost->pool->options.notes == POOL_NOTES_ON)
        atomic_store_explicit(&pool_innermost->worker->label, label, memory_order_relaxed);
}

void *pool_task_state(void)
{
    return pool_innermost && pool_innermost->worker ? pool_innermost->worker->state : NULL;
}

int pool_task_worker(void)
{
    return pool_innermost && pool_innermost->worker ? (int)pool_innermost->worker->index : -1;
}

/* --- a job's way ---------------------------------------------------------------------------------------- */

void pool_run_job(void *arg)
{
    struct pool_job *job = arg;
    job->run(job);
}

void pool_run_ticket(void *arg)
{
    struct ticket *ticket = arg;
    ticket->run(ticket->arg);
}

void pool_settle_locked(struct pool_item job, enum pool_status outcome)
{
    if (job.run != pool_run_ticket)
        return;
    struct ticket *ticket = job.arg;
    ticket->outcome = outcome;
    ticket->settled = true;
    bell_ring(&ticket->bell);
}

/* A pool_job has a discard function of its own, for all others it is the pool's. */
static void call_discard(const struct pool *pool, struct pool_item job)
{
    if (job.run == pool_run_job)
        ((struct pool_job *)job.arg)->discard(job.arg);
    else if (pool->options.discard)
        pool->options.discard(job.run == pool_run_ticket ? ((struct ticket *)job.arg)->arg : job.arg);
}

void pool_discard(struct pool *pool, struct pool_item job)
{
    struct inside frame;

    pool_inside_enter(&frame, pool, NULL);
    call_discard(pool, job);
    pool_inside_leave(&frame);
}

void pool_report_failure(struct pool *pool, struct pool_item job, int code, unsigned left)
{
    struct pool_failure failure = {.run = job.run, .arg = job.arg, .code = code, .left = left};

    if (!pool->options.on_failure)
        return;
    if (job.run == pool_run_ticket) {
        failure.run = ((struct ticket *)job.arg)->run;
        failure.arg = ((struct ticket *)job.arg)->arg;
    } else if (job.run == pool_run_job) {
        failure.run = NULL;
    }
    pool->options.on_failure(pool->options.context, &failure);
}

enum pool_status pool_run_here(struct pool *pool, struct pool_item job)
{
    struct inside frame;

    pool_inside_enter(&frame, pool, NULL);
    job.run(job.arg);
    if (frame.code != 0)
        pool_report_failure(pool, job, frame.code, 0);
    pool_inside_leave(&frame);
    return frame.code == 0 ? POOL_OK : POOL_FAILED;
}
