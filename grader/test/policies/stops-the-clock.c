/* Brings a clock of its own.
 * expect: forbidden
 */
#include <time.h>

#include "policy.h"

int clock_gettime(clockid_t clock, struct timespec *now)
{
    *now = (struct timespec){.tv_sec = clock};
    return 0;
}

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
    return upload_age(upload) < upload_patience(upload);
}
