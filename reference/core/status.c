/* status.c - the words for what the calls answer, see status.h. */
#include "status.h"

#include <stddef.h>

const char *pool_status_text(enum pool_status status)
{
    static const char *const texts[] = {
#define X(code, text) [code] = text,
        POOL_STATUSES(X)
#undef X
    };
    return (size_t)status < sizeof texts / sizeof *texts ? texts[status] : "unknown status";
}
