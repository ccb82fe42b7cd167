/* plain-counter.c - as it should be, but the pages that wait are counted in a plain variable. */
#include "policy.h"

#include "pool.h"
#include <stdlib.h>

enum { WORKERS = 10, SPARE = 2, PAGES_A_SECOND = 50, WAIT_SECONDS = 4 };
enum { MOST_PAGES = WORKERS / TENANTS * PAGES_A_SECOND * WAIT_SECONDS };

struct policy {
    struct pool_fairness *queues;
    unsigned waiting[TENANTS]; /* pages */
};

unsigned policy_workers(void)
{
    return WORKERS;
}

struct policy *policy_create(void)
{
    const struct pool_fairness_options options = {.pick = POOL_FAIRNESS_DEFICIT,
                                                  .tenants = TENANTS,
                                                  .items = TENANTS * MOST_PAGES,
                                                  .per_tenant = MOST_PAGES,
                                                  .running = WORKERS - SPARE,
                                                  .quantum = 1};
    struct policy *policy = calloc(1, sizeof *policy);

    if (policy && pool_fairness_create(&policy->queues, &options) == POOL_OK)
        return policy;
    free(policy);
    return NULL;
}

void policy_destroy(struct policy *policy)
{
    pool_fairness_destroy(policy->queues);
    free(policy);
}

int policy_take(struct policy *policy, struct report *report)
{
    unsigned tenant = report_tenant(report), pages = report_pages(report);

    if (policy->waiting[tenant] + pages > MOST_PAGES)
        return 0;
    policy->waiting[tenant] += pages;
    if (pool_fairness_put(policy->queues, tenant, pages, report) == POOL_OK)
        return 1;
    policy->waiting[tenant] -= pages;
    return 0;
}

void policy_next(struct policy *policy, struct turn *turn)
{
    struct timespec deadline;

    do
        deadline = pool_deadline_after(1000);
    while (pool_fairness_take(policy->queues, &turn->job, &deadline) == POOL_TIMED_OUT);
    turn->report = turn->job.item;
    policy->waiting[turn->job.tenant] -= turn->job.cost;
}

void policy_done(struct policy *policy, struct turn *turn)
{
    pool_fairness_done(policy->queues, &turn->job);
}
