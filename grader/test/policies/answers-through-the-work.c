/* Runs the work itself, again and again, to be counted more often.
 * expect: any
 */
#include "policy.h"

void policy_configure(struct pool_options *options)
{
    options->workers = 8;
    options->capacity = 40;
}

int policy_take(struct pool *pool, struct upload *upload)
{
    (void)pool;
    upload_work(upload);
    upload_work(upload);
    return 1;
}

int policy_wanted(const struct upload *upload)
{
    return upload_age(upload) < upload_patience(upload);
}
