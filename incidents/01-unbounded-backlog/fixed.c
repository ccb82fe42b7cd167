/* fixed.c - how the thumbnail service takes work in, repaired.
 *
 * A caller waits one second. While the resizer is slow, 8 workers do 40 pictures a second, so what stands
 * behind 40 others is too late before it is begun: the queue holds that much and no more, and the rest is
 * refused at the door, where the caller can still do something about it. What has grown old all the same is
 * given up instead of begun.
 */
#include "policy.h"

enum { WORKERS = 8, SLOWEST_PER_SECOND = 40, PATIENCE_SECONDS = 1 };

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
    return upload_age(upload) < upload_patience(upload);
}
