/* equal-turns.c - a report each in turn: whoever orders long ones gets more pages in his turn. */
#include "policy.h"

#include "pool.h"
#include "pool_semaphore.h"
#include <stdlib.h>

enum { WORKERS = 10, SPARE = 2, MOST_PAGES = 180 };

struct policy {
    struct pool_fairness *queues;
    struct pool_semaphore *room[TENANTS]; /* pages that may wait */
};

unsigned policy_workers(void)
{
    return WORKERS;
}

struct policy *policy_create(void)
{
    const struct pool_fairness_options options = {.pick = POOL_FAIRNESS_ROUND_ROBIN,
                                                  .tenants = TENANTS,
                                                  .items = TENANTS * MOST_PAGES,
                                                  .per_tenant = MOST_PAGES,
                                                  .running = WORKERS - SPARE};
    struct policy *policy = calloc(1, sizeof *policy);
    int made = policy && pool_fairness_create(&policy->queues, &options) == POOL_OK;

    for (int i = 0; i < TENANTS && made; i++)
        made = pool_semaphore_create(&policy->room[i], MOST_PAGES) == POOL_OK;
    if (made || !policy)
        return policy;
    policy_destroy(policy);
    return NULL;
}

void policy_destroy(struct policy *policy)
{
    for (int i = 0; i < TENANTS; i++)
        pool_semaphore_destroy(policy->room[i]);
    pool_fairness_destroy(policy->queues);
    free(policy);
}

int policy_take(struct policy *policy, struct report *report)
{
    unsigned tenant = report_tenant(report), pages = report_pages(report);

    if (pool_semaphore_try(policy->room[tenant], pages) != POOL_OK)
        return 0;
    if (pool_fairness_put(policy->queues, tenant, pages, report) == POOL_OK)
        return 1;
    pool_semaphore_release(policy->room[tenant], pages);
    return 0;
}

void policy_next(struct policy *policy, struct turn *turn)
{
    struct timespec deadline;

    do
        deadline = pool_deadline_after(1000);
    while (pool_fairness_take(policy->queues, &turn->job, &deadline) == POOL_TIMED_OUT);
    turn->report = turn->job.item;
    pool_semaphore_release(policy->room[turn->job.tenant], report_pages(turn->report));
}

void policy_done(struct policy *policy, struct turn *turn)
{
    pool_fairness_done(policy->queues, &turn->job);
}
