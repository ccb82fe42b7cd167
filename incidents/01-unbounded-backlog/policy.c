/* policy.c - how the thumbnail service takes work in. This is what was running that night. */
#include "policy.h"

void policy_configure(struct pool_options *options)
{
    options->workers = 8;
    options->queue = POOL_UNBOUNDED; /* never make a customer wait at the door */
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
