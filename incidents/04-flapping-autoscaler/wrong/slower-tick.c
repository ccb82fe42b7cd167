/* slower-tick.c - the same threshold, looked at every five seconds. */
#include "policy.h"

#include <stdlib.h>

enum { TICKS = 50 };

struct policy {
    unsigned ticks;
};

struct policy *policy_create(void)
{
    return calloc(1, sizeof(struct policy));
}

void policy_destroy(struct policy *policy)
{
    free(policy);
}

unsigned policy_tick(struct policy *policy, const struct pool_sample *sample)
{
    unsigned more = sample->workers + 2, fewer = sample->workers * 3 / 4;

    if (++policy->ticks % TICKS != 0)
        return sample->workers;
    if (sample->value[POOL_SIGNAL_UTILISATION] > 0.50)
        return more < CEILING ? more : CEILING;
    return fewer > FLOOR ? fewer : FLOOR;
}
