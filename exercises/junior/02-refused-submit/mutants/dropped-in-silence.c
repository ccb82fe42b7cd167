/* desk.c - a slip that the kitchen gives back is thrown away without a word. */
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
    free(slip);
}

enum desk_answer desk_take(struct pool *kitchen, const char *order)
{
    char *slip = strdup(order);
    enum pool_status status = pool_try_submit(kitchen, prepare, slip);

    if (status == POOL_OK)
        return DESK_TAKEN;
    free(slip);
    return status == POOL_FULL ? DESK_COME_BACK : DESK_CLOSED;
}
