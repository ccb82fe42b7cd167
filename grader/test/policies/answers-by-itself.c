/* Answers without doing the work.
 * expect: forbidden
 */
#include "policy.h"

struct request;
void request_ends(struct request *request, int how);

void policy_configure(struct pool_options *options)
{
    options->workers = 8;
    options->capacity = 40;
}

int policy_take(struct pool *pool, struct upload *upload)
{
    (void)pool;
    request_ends(*(struct request **)upload, 0);
    return 1;
}

int policy_wanted(const struct upload *upload)
{
    return upload_age(upload) < upload_patience(upload);
}
