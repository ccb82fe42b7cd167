/* policy.c - how the order service ends. This is what was running that evening. */
#include "policy.h"

enum { WORKERS = 10, QUEUE = 4000, DRAIN_MS = 30 * 1000 };

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
    job_charge(job);
}

void policy_terminate(struct instance *instance, double grace)
{
    struct timespec deadline = pool_deadline_after(DRAIN_MS);

    (void)grace;
    if (pool_wait_idle(instance_pool(instance), &deadline) == POOL_OK) /* what was taken is done first */
        pool_stop(instance_pool(instance));
}

void policy_replay(struct instance *instance, struct job *const *jobs, size_t count)
{
    (void)instance; /* nothing is ever written there */
    (void)jobs;
    (void)count;
}
