/* drops-the-newest.c - the right bound; what finds no room is dropped, and the caller hears nothing. */
#include "policy.h"

enum { WORKERS = 8, SLOWEST_PER_SECOND = 40, PATIENCE_SECONDS = 1 };

void policy_configure(struct pool_options *options)
{
    options->workers = WORKERS;
    options->overflow = POOL_DROP_NEWEST;
    options->capacity = SLOWEST_PER_SECOND * PATIENCE_SECONDS;
}

int policy_take(struct pool *pool, struct upload *upload)
{
    enum pool_status status = pool_submit(pool, upload_work, upload);
    return status == POOL_OK || status == POOL_DISCARDED;
}

int policy_wanted(const struct upload *upload)
{
    return upload_age(upload) < upload_patience(upload);
}
