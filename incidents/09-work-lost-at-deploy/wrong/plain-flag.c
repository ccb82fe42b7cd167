/* plain-flag.c - a flag says that the door is closed. */
#include "policy.h"

enum { WORKERS = 10, QUEUE = 4000, DRAIN_PERCENT = 83 };

void policy_configure(struct pool_options *options)
{
    options->workers = WORKERS;
    options->capacity = QUEUE;
}

static struct instance *closed; /* set when SIGTERM comes */

int policy_take(struct instance *instance, struct job *job)
{
    if (instance == closed)
        return 0;
    return pool_try_submit(instance_pool(instance), job_task, job) == POOL_OK;
}

void policy_work(struct job *job)
{
    if (!job_was_replayed(job) || !bank_knows(job))
        job_charge(job);
    if (job_was_replayed(job))
        journal_strike(job);
}

void policy_terminate(struct instance *instance, double grace)
{
    struct timespec deadline = pool_deadline_after((long)(grace * DRAIN_PERCENT * 10));
    struct job *left[QUEUE + WORKERS];

    closed = instance;
    pool_drain_until(instance_pool(instance), &deadline, NULL); /* takes no more from here on */
    journal_write(left, instance_unfinished(instance, left, QUEUE + WORKERS));
}

void policy_replay(struct instance *instance, struct job *const *jobs, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (pool_submit(instance_pool(instance), job_task, jobs[i]) != POOL_OK)
            return; /* the next deploy: they still stand in the journal */
}
