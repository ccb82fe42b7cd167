/* desk.c - the last status is kept for everybody, and so shared by all customers. */
#include "desk.h"

#include <stdlib.h>
#include <string.h>

static enum pool_status last_status; /* like errno */

static void prepare(void *slip)
{
    cook(slip);
    free(slip);
}

void desk_drop(void *slip)
{
    apologise(slip);
    free(slip);
}

enum desk_answer desk_take(struct pool *kitchen, const char *order)
{
    char *slip = strdup(order);

    last_status = pool_try_submit(kitchen, prepare, slip);
    if (last_status == POOL_OK)
        return DESK_TAKEN;
    free(slip);
    return last_status == POOL_FULL ? DESK_COME_BACK : DESK_CLOSED;
}
