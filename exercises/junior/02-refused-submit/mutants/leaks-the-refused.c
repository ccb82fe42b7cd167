/* desk.c - the customer hears the truth, and the refused slip lies on the floor. */
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
    switch (pool_try_submit(kitchen, prepare, strdup(order))) {
    case POOL_OK:
        return DESK_TAKEN;
    case POOL_FULL:
        return DESK_COME_BACK;
    default:
        return DESK_CLOSED;
    }
}
