/* Hands over a record of a run that never was.
 * expect: build
 */
#include <string.h>

#include "policy.h"

void explored_record(const char *text, unsigned long length);
void explored_kill(int status);

void policy_configure(struct pool_options *options)
{
    options->workers = 8;
    options->capacity = 40;
}

int policy_take(struct pool *pool, struct upload *upload)
{
    static const char record[] = "series depth\nrow 0 0\nend done 600\n";

    (void)pool;
    (void)upload;
    explored_record(record, strlen(record));
    explored_kill(0);
    return 1;
}

int policy_wanted(const struct upload *upload)
{
    return upload_age(upload) < upload_patience(upload);
}
