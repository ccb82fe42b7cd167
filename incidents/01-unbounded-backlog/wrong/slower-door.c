/* slower-door.c - sheds a third of the pictures at the door, in good times and in bad. */
#include "policy.h"

enum { WORKERS = 8, SLOWEST_PER_SECOND = 40, PATIENCE_SECONDS = 1 };

void policy_configure(struct pool_options *options)
{
    options->workers = WORKERS;
    options->capacity = SLOWEST_PER_SECOND * PATIENCE_SECONDS;
}

int policy_take(struct pool *pool, struct upload *upload)
{
    static unsigned callers; /* one thread accepts */

    if (++callers % 3 == 0)
        return 0;
    return pool_try_submit(pool, upload_work, upload) == POOL_OK;
}

int policy_wanted(const struct upload *upload)
{
    return upload_age(upload) < upload_patience(upload);
}
