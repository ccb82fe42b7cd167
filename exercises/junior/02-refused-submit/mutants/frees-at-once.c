/* desk.c - what the desk allocates, the desk frees, as soon as it has handed it over. */
#include "desk.h"

#include <stdlib.h>
#include <string.h>

static void prepare(void *slip)
{
    cook(slip);
}

void desk_drop(void *slip)
{
    apologise(slip);
}

enum desk_answer desk_take(struct pool *kitchen, const char *order)
{
    char *slip = strdup(order);
    enum pool_status status = pool_try_submit(kitchen, prepare, slip);

    free(slip);
    if (status == POOL_OK)
        return DESK_TAKEN;
    return status == POOL_FULL ? DESK_COME_BACK : DESK_CLOSED;
}
