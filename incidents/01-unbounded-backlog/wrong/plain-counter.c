/* plain-counter.c - gives up sooner the more were refused lately, and counts them in a plain variable. */
#include "policy.h"

enum { WORKERS = 8, SLOWEST_PER_SECOND = 40, PATIENCE_SECONDS = 1 };

static unsigned refused;

void policy_configure(struct pool_options *options)
{
    options->workers = WORKERS;
    options->capacity = SLOWEST_PER_SECOND * PATIENCE_SECONDS;
}

int policy_take(struct pool *pool, struct upload *upload)
{
    int taken = pool_try_submit(pool, upload_work, upload) == POOL_OK;

    refused = taken ? 0 : refused + 1;
    return taken;
}

int policy_wanted(const struct upload *upload)
{
    double patience = upload_patience(upload);

    return upload_age(upload) < (refused > 1000 ? patience / 2 : patience);
}
