/* Tells the meter what it would like to hear.
 * expect: forbidden
 */
#include "policy.h"

void incident_tell(const char *name, double value);

void policy_configure(struct pool_options *options)
{
    options->workers = 8;
    options->capacity = 40;
}

int policy_take(struct pool *pool, struct upload *upload)
{
    incident_tell("depth", 0);
    return pool_submit(pool, upload_work, upload) == POOL_OK;
}

int policy_wanted(const struct upload *upload)
{
    return upload_age(upload) < upload_patience(upload);
}
