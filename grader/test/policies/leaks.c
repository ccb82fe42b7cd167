/* Forgets a few bytes for each caller.
 * expect: memory-leak
 */
#include <stdlib.h>

#include "policy.h"

void *noted; /* not static: the compiler must believe that somebody looks */

void policy_configure(struct pool_options *options)
{
    options->workers = 8;
    options->capacity = 40;
}

int policy_take(struct pool *pool, struct upload *upload)
{
    noted = malloc(16);
    return pool_try_submit(pool, upload_work, upload) == POOL_OK;
}

int policy_wanted(const struct upload *upload)
{
    return upload_age(upload) < upload_patience(upload);
}
