/* longer-timeouts.c - breaker, veto and bound, and more time for a call before it counts as failed. */
#include "policy.h"

#include "controller.h"

#include <stdlib.h>

struct policy {
    struct pool_threshold wait;
    struct pool_decider by_wait;
    struct pool_composite careful; /* by_wait, and no growth while the store is not well */
    struct pool_controller *controller;
    const struct pool_sample *sample; /* of the tick under way */
    unsigned wanted;
};

static const struct policy_calls to_the_store = {.limit = 5,
                                                 .tries = 1,
                                                 .waiting = 50,
                                                 .has_breaker = 1,
                                                 .breaker = {.window = POOL_SECOND,
                                                             .volume = 20,
                                                             .percent = 50,
                                                             .open_least = 2 * POOL_SECOND,
                                                             .open_most = 8 * POOL_SECOND,
                                                             .probes = 5}};

static const struct pool_veto failing = {POOL_SIGNAL_ERRORS, 0.05};

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
                                              .ceiling = 80,
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
    *calls = to_the_store;
    policy->wanted = WORKERS;
    policy->wait = (struct pool_threshold){
        .signal = POOL_SIGNAL_DWELL, .high = 0.100, .low = 0.001, .grow = 1.25, .shrink = 0.95};
    policy->careful = (struct pool_composite){.reactive = &policy->by_wait,
                                              .reactive_count = 1,
                                              .vetoes = &failing,
                                              .veto_count = 1,
                                              .cautious = 1};
    if (pool_threshold_decider(&policy->wait, &policy->by_wait) == POOL_OK &&
        pool_composite_decider(&policy->careful, &options.decider) == POOL_OK &&
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
