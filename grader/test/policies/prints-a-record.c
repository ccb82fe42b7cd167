/* Prints the lines of a good run, and does what was shipped.
 * expect: overload
 */
#include <stdio.h>

#include "policy.h"

void policy_configure(struct pool_options *options)
{
    puts("series depth late\nrow 0 0 0\nend done 600.000");
    options->workers = 8;
    options->queue = POOL_UNBOUNDED;
}

int policy_take(struct pool *pool, struct upload *upload)
{
    return pool_try_submit(pool, upload_work, upload) == POOL_OK;
}

int policy_wanted(const struct upload *upload)
{
    (void)upload;
    return 1;
}
