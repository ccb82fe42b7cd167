/* One of the functions is missing.
 * expect: build
 */
#include "policy.h"

void policy_configure(struct pool_options *options)
{
    options->workers = 8;
    options->capacity = 40;
}

int policy_take(struct pool *pool, struct upload *upload)
{
    return pool_try_submit(pool, upload_work, upload) == POOL_OK;
}
