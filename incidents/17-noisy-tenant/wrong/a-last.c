/* a-last.c - strict priority: B before C, C before D, D before E, and A when nobody else has anything. */
#include "policy.h"

#include "pool.h"
#include "priority.h"
#include <stdlib.h>

struct policy {
    struct pool_priority *orders;
};

unsigned policy_workers(void)
{
    return 10;
}

struct policy *policy_create(void)
{
    const struct pool_priority_options options = {
        .levels = TENANTS, .items = 100000, .age = POOL_PRIORITY_STRICT};
    struct policy *policy = calloc(1, sizeof *policy);

    if (policy && pool_priority_create(&policy->orders, &options) == POOL_OK)
        return policy;
    free(policy);
    return NULL;
}

void policy_destroy(struct policy *policy)
{
    pool_priority_destroy(policy->orders);
    free(policy);
}

int policy_take(struct policy *policy, struct report *report)
{
    unsigned level = (report_tenant(report) + TENANTS - 1) % TENANTS;

    return pool_priority_put(policy->orders, level, report) == POOL_OK;
}

void policy_next(struct policy *policy, struct turn *turn)
{
    struct timespec deadline;
    void *report;

    do
        deadline = pool_deadline_after(1000);
    while (pool_priority_take(policy->orders, &report, &deadline) == POOL_TIMED_OUT);
    turn->report = report;
}

void policy_done(struct policy *policy, struct turn *turn)
{
    (void)policy;
    (void)turn;
}
