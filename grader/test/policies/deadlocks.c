/* Takes a lock in each worker and never gives it back.
 * expect: deadlock
 */
#include <pthread.h>

#include "policy.h"

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

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
    pthread_mutex_lock(&lock);
    return upload_age(upload) < upload_patience(upload);
}
