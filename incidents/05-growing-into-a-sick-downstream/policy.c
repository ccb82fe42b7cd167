/* policy.c - how many workers sell seats, and how they ask the seat store. This is what was running that day. */
#include "policy.h"

#include "controller.h"

#include <stdlib.h>

struct policy {
    struct pool_threshold wait; /* more workers when bookings wait, fewer when none does */
    struct pool_controller *controller;
    const struct pool_sample *sample; /* of the tick under way */
    unsigned wanted;
};

static enum pool_status look(void *context, struct pool_sample *sample)
{
    *sample = *((struct policy *)context)->sample;
    return POOL_OK;
}

static unsigned note(void *context, unsigned size)
{
    return ((struct policy *)context)->wanted = size;
}

struct policy *policy_create(struct policy_calls *calls)
{
    struct policy *policy = calloc(1, sizeof *policy);
    struct pool_controller_options options = {.floor = FLOOR,
                                              .ceiling = 140,
                                              .initial = WORKERS,
                                              .smoothing = POOL_SECOND / 2,
                                              .up = POOL_SECOND,
                                              .down = 20 * POOL_SECOND,
                                              .log = 1,
                                              .context = policy,
                                              .sample = look,
                                              .resize = note};

    if (!policy)
        return NULL;
    *calls = (struct policy_calls){.limit = 5, .tries = 3, .waiting = 400};
    policy->wanted = WORKERS;
    policy->wait = (struct pool_threshold){
        .signal = POOL_SIGNAL_DWELL, .high = 0.100, .low = 0.001, .grow = 1.5, .shrink = 0.95};
    if (pool_threshold_decider(&policy->wait, &options.decider) == POOL_OK &&
        pool_controller_create(&policy->controller, &options) == POOL_OK)
        return policy;
    free(policy);
    return NULL;
}

void policy_destroy(struct policy *policy)
{
    if (policy)
        pool_controller_destroy(policy->controller);
    free(policy);
}

unsigned policy_tick(struct policy *policy, const struct pool_sample *sample)
{
    policy->sample = sample;
    pool_controller_tick(policy->controller);
    return policy->wanted;
}
