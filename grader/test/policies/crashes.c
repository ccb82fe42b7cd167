/* Follows a null pointer in the middle of the run.
 * expect: crash
 */
#include "policy.h"

void policy_configure(struct pool_options *options)
{
    options->workers = 8;
    options->capacity = 40;
}

int policy_take(struct pool *pool, struct upload *upload)
{
    static unsigned callers;
    static volatile int *nowhere;

    if (++callers == 10000)
        return *nowhere;
    return pool_try_submit(pool, upload_work, upload) == POOL_OK;
}

int policy_wanted(const struct upload *upload)
{
    return upload_age(upload) < upload_patience(upload);
}
