/* huge-smoothing.c - the same threshold, held against the average of the last half minute. */
#include "policy.h"

#include "smooth.h"

#include <stdlib.h>

struct policy {
    struct pool_ewma used;
};

struct policy *policy_create(void)
{
    struct policy *policy = malloc(sizeof *policy);

    if (policy)
        pool_ewma_init(&policy->used, 30 * POOL_SECOND);
    return policy;
}

void policy_destroy(struct policy *policy)
{
    free(policy);
}

unsigned policy_tick(struct policy *policy, const struct pool_sample *sample)
{
    unsigned more = sample->workers + 2, fewer = sample->workers * 3 / 4;

    if (pool_ewma_add(&policy->used, sample->at, sample->value[POOL_SIGNAL_UTILISATION]) > 0.50)
        return more < CEILING ? more : CEILING;
    return fewer > FLOOR ? fewer : FLOOR;
}
