/* rate-for-a.c - A may order 100 reports a second, which is ten times what it usually does. */
#include "policy.h"

#include "bucket.h"
#include "channel.h"
#include "pool.h"
#include <stdlib.h>

enum { A, A_SECOND = 100 };

struct policy {
    struct pool_channel *orders;
    struct pool_bucket *rate;
};

unsigned policy_workers(void)
{
    return 10;
}

struct policy *policy_create(void)
{
    const struct pool_bucket_options options = {.tokens = A_SECOND, .period = POOL_SECOND, .burst = A_SECOND};
    struct policy *policy = calloc(1, sizeof *policy);

    if (policy && pool_channel_create(&policy->orders, 100000) == POOL_OK &&
        pool_bucket_create(&policy->rate, &options) == POOL_OK)
        return policy;
    if (policy)
        policy_destroy(policy);
    return NULL;
}

void policy_destroy(struct policy *policy)
{
    pool_bucket_destroy(policy->rate);
    pool_channel_destroy(policy->orders);
    free(policy);
}

int policy_take(struct policy *policy, struct report *report)
{
    if (report_tenant(report) == A && pool_bucket_take(policy->rate, 1, NULL) != POOL_OK)
        return 0;
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
