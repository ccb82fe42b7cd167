/* desk.c - the submit that waits for room cannot be refused for want of it. */
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

    if (pool_submit(kitchen, prepare, slip) == POOL_OK)
        return DESK_TAKEN;
    free(slip);
    return DESK_CLOSED;
}
