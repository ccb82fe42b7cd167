/* policy.c - whose report is rendered next. This is what was running that night. */
#include "policy.h"

#include "channel.h"
#include "pool.h"
#include <stdlib.h>

struct policy {
    struct pool_channel *orders; /* first come, first served */
};

unsigned policy_workers(void)
{
    return 10;
}

struct policy *policy_create(void)
{
    struct policy *policy = calloc(1, sizeof *policy);

    if (policy && pool_channel_create(&policy->orders, 100000) == POOL_OK)
        return policy;
    free(policy);
    return NULL;
}

void policy_destroy(struct policy *policy)
{
    pool_channel_destroy(policy->orders);
    free(policy);
}

int policy_take(struct policy *policy, struct report *report)
{
    return pool_channel_try_send(policy->orders, report) == POOL_OK;
}

void policy_next(struct policy *policy, struct turn *turn)
{
    void *report = NULL;

    if (pool_channel_receive(policy->orders, &report) == POOL_OK)
        turn->report = report;
}

void policy_done(struct policy *policy, struct turn *turn)
{
    (void)policy;
    (void)turn;
}
