/* Ends the worker that asks instead of answering.
 * expect: any
 */
#include <pthread.h>
#include <stddef.h>

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

int policy_wanted(const struct upload *upload)
{
    if (upload_age(upload) < upload_patience(upload) / 4)
        return 1;
    pthread_exit(NULL);
}
