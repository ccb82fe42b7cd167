/* fixed.c - how many workers the quote service has, repaired: a band, a little smoothing, two cooldowns.
 *
 * On an ordinary morning ten workers are busy on average, and one look finds ten give or take three. The band
 * is 35 to 75 %. After a growth by a half, 75 % are 50; after a cut by a fifth, 35 % are 44: no resize throws
 * the load across the band. Averaged over a second, some ten looks that know nothing of each other, 10 of 21
 * busy read 48 % give or take 5, and the wandering of the load adds as much again: well inside.
 *
 * When the load is four times as high, 40 are busy: 21, 32, 48, 64 workers are three growths, two seconds
 * apart. Shrinking can wait, since too many workers cost little and too few break a promise: 30 seconds.
 */
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
                                              .smoothing = POOL_SECOND,
                                              .up = 2 * POOL_SECOND,
                                              .down = 30 * POOL_SECOND,
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
