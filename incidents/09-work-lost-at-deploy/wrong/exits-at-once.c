/* exits-at-once.c - a process may die at any moment anyway, so it does. */
#include "policy.h"

enum { WORKERS = 10, QUEUE = 4000 };

void policy_configure(struct pool_options *options)
{
    options->workers = WORKERS;
    options->capacity = QUEUE;
}

int policy_take(struct instance *instance, struct job *job)
{
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
    (void)instance;
    (void)grace;
}

void policy_replay(struct instance *instance, struct job *const *jobs, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (pool_submit(instance_pool(instance), job_task, jobs[i]) != POOL_OK)
            return; /* the next deploy: they still stand in the journal */
}
