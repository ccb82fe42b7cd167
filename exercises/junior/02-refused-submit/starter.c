/* desk.c - take orders for a kitchen that may be full or closed. */
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
    (void)pool_try_submit(kitchen, prepare, strdup(order));
    return DESK_TAKEN;
}
