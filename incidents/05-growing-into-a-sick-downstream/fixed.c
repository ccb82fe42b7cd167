/* fixed.c - how many workers sell seats, and how they ask the seat store, repaired.
 *
 * The store's own arithmetic: with n calls in flight each takes 0.1 s x (1 + n / 50). 200 bookings a second keep
 * 33 in flight, 260 in the evening 54; at 80 it still does 308 a second, and above 100 it fails. So 80 workers
 * at most.
 *
 * A call that takes half a second is no slow call, it is a sick store: with 80 in flight a healthy one needs
 * 0.26 s. It is hung up on and counts as failed, once, for what is tried again at once is three times the load.
 * When half the calls of a second have failed the breaker opens; nobody waits then, nobody grows, and five calls
 * try it every two seconds, four, eight. While calls fail and no breaker has opened yet, 5 % of them are enough
 * not to grow. Half open it may grow by one.
 *
 * 50 may wait: what 44 workers do, 234 a second, in a fifth of a second.
 */
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

static const struct policy_calls to_the_store = {.limit = 0.5,
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
