/* Brings an allocator of its own, which nobody counts.
 * expect: forbidden
 */
#include <stdlib.h>

#include "policy.h"

void *malloc(size_t size)
{
    return calloc(1, size);
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
