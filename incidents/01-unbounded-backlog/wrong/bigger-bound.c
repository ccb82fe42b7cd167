/* bigger-bound.c - a bound, taken from what the memory just holds. */
#include "policy.h"

enum { WORKERS = 8, SLOWEST_PER_SECOND = 40, PATIENCE_SECONDS = 20 };

void policy_configure(struct pool_options *options)
{
    options->workers = WORKERS;
    options->capacity = SLOWEST_PER_SECOND * PATIENCE_SECONDS;
}

int policy_take(struct pool *pool, struct upload *upload)
{
    return pool_try_submit(pool, upload_work, upload) == POOL_OK;
}

int policy_wanted(const struct upload *upload)
{
    return upload_age(upload) < upload_patience(upload);
}
