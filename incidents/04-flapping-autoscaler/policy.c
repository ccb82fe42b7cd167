/* policy.c - how many workers the quote service has. This is what was running that morning. */
#include "policy.h"

#include <stdlib.h>

struct policy {
    double busy_share; /* more than that of the workers busy: too few of them; less: too many */
};

struct policy *policy_create(void)
{
    struct policy *policy = malloc(sizeof *policy);

    if (policy)
        policy->busy_share = 0.50;
    return policy;
}

void policy_destroy(struct policy *policy)
{
    free(policy);
}

unsigned policy_tick(struct policy *policy, const struct pool_sample *sample)
{
    unsigned more = sample->workers + 2, fewer = (unsigned)(sample->workers * 0.75);

    if (sample->value[POOL_SIGNAL_UTILISATION] > policy->busy_share)
        return more < CEILING ? more : CEILING;
    return fewer > FLOOR ? fewer : FLOOR;
}
