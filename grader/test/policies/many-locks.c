/* Right, if odd: makes a lock for each caller, at ever new places, and destroys it.
 * expect: pass
 */
#include <pthread.h>

#include "policy.h"

enum { LOCKS = 20000 };

static pthread_mutex_t lock[LOCKS];

void policy_configure(struct pool_options *options)
{
    options->workers = 8;
    options->capacity = 40;
}

int policy_take(struct pool *pool, struct upload *upload)
{
    static unsigned callers; /* one thread accepts */
    pthread_mutex_t *mine = &lock[callers++ % LOCKS];

    pthread_mutex_init(mine, NULL);
    pthread_mutex_lock(mine);
    int taken = pool_try_submit(pool, upload_work, upload) == POOL_OK;
    pthread_mutex_unlock(mine);
    pthread_mutex_destroy(mine);
    return taken;
}

int policy_wanted(const struct upload *upload)
{
    return upload_age(upload) < upload_patience(upload);
}
