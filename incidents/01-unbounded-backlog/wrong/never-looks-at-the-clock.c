/* never-looks-at-the-clock.c - the right bound, but what is old is begun all the same. */
#include "policy.h"

enum { WORKERS = 8, SLOWEST_PER_SECOND = 100, PATIENCE_SECONDS = 1 };

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
    (void)upload;
    return 1;
}
