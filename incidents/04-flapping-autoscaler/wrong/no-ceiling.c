/* no-ceiling.c - band, average and cooldowns by hand, each as it should be; the bounds are somebody else's. */
#include "policy.h"

#include "cooldown.h"
#include "smooth.h"

#include <stdlib.h>

struct policy {
    struct pool_ewma used;
    struct pool_cooldown cooldown;
};

struct policy *policy_create(void)
{
    struct policy *policy = malloc(sizeof *policy);

    if (!policy)
        return NULL;
    pool_ewma_init(&policy->used, POOL_SECOND);
    pool_cooldown_init(&policy->cooldown, 2 * POOL_SECOND, 30 * POOL_SECOND);
    return policy;
}

void policy_destroy(struct policy *policy)
{
    free(policy);
}

static unsigned move(struct policy *policy, enum pool_direction direction, uint64_t now, unsigned from,
                     unsigned to)
{
    if (!pool_cooldown_allows(&policy->cooldown, direction, now))
        return from;
    pool_cooldown_moved(&policy->cooldown, direction, now);
    return to;
}

unsigned policy_tick(struct policy *policy, const struct pool_sample *sample)
{
    double used = pool_ewma_add(&policy->used, sample->at, sample->value[POOL_SIGNAL_UTILISATION]);
    unsigned size = sample->workers;

    if (used > 0.75)
        return move(policy, POOL_GROW, sample->at, size, size * 3 / 2);
    if (used < 0.35)
        return move(policy, POOL_SHRINK, sample->at, size, size * 4 / 5);
    return size;
}
