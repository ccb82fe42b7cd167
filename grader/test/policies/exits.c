/* Ends the process, as if all were well.
 * expect: forbidden
 */
#include <stdlib.h>

#include "policy.h"

void policy_configure(struct pool_options *options)
{
    options->workers = 8;
    options->capacity = 40;
}

int policy_take(struct pool *pool, struct upload *upload)
{
    (void)pool;
    (void)upload;
    exit(0);
}

int policy_wanted(const struct upload *upload)
{
    return upload_age(upload) < upload_patience(upload);
}
