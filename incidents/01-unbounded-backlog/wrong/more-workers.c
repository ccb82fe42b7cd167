/* more-workers.c - four times the workers: the resizer is what is slow, and now it is asked more. */
#include "policy.h"

void policy_configure(struct pool_options *options)
{
    options->workers = 32;
    options->queue = POOL_UNBOUNDED;
}

int policy_take(struct pool *pool, struct upload *upload)
{
    return pool_submit(pool, upload_work, upload) == POOL_OK;
}

int policy_wanted(const struct upload *upload)
{
    (void)upload;
    return 1;
}
