/* fewer-workers.c - six workers, to be gentle to the resizer: exactly what it takes on a good day. */
#include "policy.h"

enum { WORKERS = 6, SLOWEST_PER_SECOND = 40, PATIENCE_SECONDS = 1 };

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
