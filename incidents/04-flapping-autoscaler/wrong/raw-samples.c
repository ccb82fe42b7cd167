/* raw-samples.c - the right band, held against what one look happens to see. */
#include "policy.h"

#include "controller.h"

#include <stdlib.h>

struct policy {
    struct pool_threshold band;
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

struct policy *policy_create(void)
{
    struct policy *policy = calloc(1, sizeof *policy);

    if (!policy)
        return NULL;
    policy->wanted = WORKERS;
    policy->band = (struct pool_threshold){
        .signal = POOL_SIGNAL_UTILISATION, .high = 0.75, .low = 0.35, .grow = 1.5, .shrink = 0.8};
    struct pool_controller_options options = {.floor = FLOOR,
                                              .ceiling = CEILING,
                                              .initial = WORKERS,
                                              .smoothing = 0,
                                              .up = 2 * POOL_SECOND,
                                              .down = 5 * POOL_SECOND,
                                              .log = 1,
                                              .context = policy,
                                              .sample = look,
                                              .resize = note};
    if (pool_threshold_decider(&policy->band, &options.decider) == POOL_OK &&
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
