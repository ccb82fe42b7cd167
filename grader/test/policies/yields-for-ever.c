/* Goes round for ever, politely.
 * expect: livelock
 */
#include <sched.h>

#include "policy.h"

void policy_configure(struct pool_options *options)
{
    options->workers = 8;
    options->capacity = 40;
}

static int closed = 1;

int policy_take(struct pool *pool, struct upload *upload)
{
    while (__atomic_load_n(&closed, __ATOMIC_RELAXED))
        sched_yield();
    return pool_try_submit(pool, upload_work, upload) == POOL_OK;
}

int policy_wanted(const struct upload *upload)
{
    return upload_age(upload) < upload_patience(upload);
}
