/* bigger-bound.c - a bound, taken from what the memory just holds. */
#include "policy.h"

enum { WORKERS = 8, MEMORY_HOLDS = 800 };

void policy_configure(struct pool_options *options)
{
    options->workers = WORKERS;
    options->capacity = MEMORY_HOLDS;
}

int policy_take(struct pool *pool, struct upload *upload)
{
    return pool_try_submit(pool, upload_work, upload) == POOL_OK;
}

int policy_wanted(const struct upload *upload)
{
    return upload_age(upload) < upload_patience(upload);
}
