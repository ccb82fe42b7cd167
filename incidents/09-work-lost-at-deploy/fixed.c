/* fixed.c - how the order service ends, repaired.
 *
 * SIGKILL comes 3 s after SIGTERM, ready or not; so what is to be saved has to be on the disk before. At once no
 * more is taken: the pool says no, in the same step in which it begins to drain. Then it drains for 25/30 of the
 * grace, 2.5 s. Two of ten workers wait for customers and the others do 160 orders a second, so of 2150 that wait
 * 400 are done, and 1750 are left. Written at once these take 1 ms + 1750 x 10 us = 19 ms; even a full queue of
 * 4000 takes 41. The exit is then at 2.5 s, with half a second to spare.
 *
 * What is left is what the books say, not what the queue holds: a charge that waits for its customer is under
 * way, and may still come to its end at the bank. The next instance asks the bank for the key before it charges,
 * and strikes off only what is done.
 */
#include "policy.h"

enum { WORKERS = 10, QUEUE = 4000, DRAIN_PERCENT = 83 }; /* 25 of 30 */

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
    struct timespec deadline = pool_deadline_after((long)(grace * DRAIN_PERCENT * 10));
    struct job *left[QUEUE + WORKERS];

    pool_drain_until(instance_pool(instance), &deadline, NULL); /* takes no more from here on */
    journal_write(left, instance_unfinished(instance, left, QUEUE + WORKERS));
}

void policy_replay(struct instance *instance, struct job *const *jobs, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (pool_submit(instance_pool(instance), job_task, jobs[i]) != POOL_OK)
            return; /* the next deploy: they still stand in the journal */
}
