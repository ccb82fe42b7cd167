/* never-looks-at-the-clock.c - a bound as for a better day, and whatever comes up is begun. */
#include "policy.h"

enum { WORKERS = 8, MOST_WAITING = 100 };

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
    (void)upload;
    return 1;
}
