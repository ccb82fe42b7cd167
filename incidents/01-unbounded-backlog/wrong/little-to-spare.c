/* little-to-spare.c - seven workers, to be gentle to the resizer, and a bound of nearly a second of callers. */
#include "policy.h"

enum { WORKERS = 7, MOST_WAITING = 250 };

void policy_configure(struct pool_options *options)
{
    options->workers = WORKERS;
    options->capacity = MOST_WAITING;
}

int policy_take(struct pool *pool, struct upload *upload)
{
    return pool_try_submit(pool, upload_work, upload) == POOL_OK;
}

int policy_wanted(const struct upload *upload)
{
    return upload_age(upload) < upload_patience(upload);
}
