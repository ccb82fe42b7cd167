/* Options that make no pool.
 * expect: any
 */
#include "policy.h"

void policy_configure(struct pool_options *options)
{
    options->workers = 0;
}

int policy_take(struct pool *pool, struct upload *upload)
{
    return pool_try_submit(pool, upload_work, upload) == POOL_OK;
}

int policy_wanted(const struct upload *upload)
{
    return upload_age(upload) < upload_patience(upload);
}
