/* Takes more than the budget at once.
 * expect: overload
 */
#include <stdlib.h>
#include <string.h>

#include "policy.h"

void *eaten;

void policy_configure(struct pool_options *options)
{
    eaten = malloc(256 << 20);
    if (eaten)
        memset(eaten, 1, 256 << 20);
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
