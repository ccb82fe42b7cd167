/* desk.c - there is a function that gets rid of slips, so refused ones go there too. */
#include "desk.h"

#include <stdlib.h>
#include <string.h>

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
    enum pool_status status = pool_try_submit(kitchen, prepare, slip);

    if (status == POOL_OK)
        return DESK_TAKEN;
    desk_drop(slip);
    return status == POOL_FULL ? DESK_COME_BACK : DESK_CLOSED;
}
