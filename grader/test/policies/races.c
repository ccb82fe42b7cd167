/* Counts in all workers at once, without a lock.
 * expect: race
 */
#include "policy.h"

static unsigned asked;

void policy_configure(struct pool_options *options)
{
    options->workers = 8;
    options->capacity = 40;
}

int policy_take(struct pool *pool, struct upload *upload)
{
    return pool_try_submit(pool, upload_work, upload) == POOL_OK;
}

int policy_wanted(const struct upload *upload)
{
    asked++;
    return upload_age(upload) < upload_patience(upload);
}
