/* desk.c - a full kitchen is thought of; that it may have stopped is not. */
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

    if (pool_try_submit(kitchen, prepare, slip) == POOL_FULL) {
        free(slip);
        return DESK_COME_BACK;
    }
    return DESK_TAKEN;
}
