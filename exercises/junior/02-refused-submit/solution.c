/* desk.c - take orders for a kitchen that may be full or closed.
 *
 * A slip has one owner at a time. Here it is the desk's until the kitchen has accepted it; then the kitchen's
 * alone, so the desk does not even read it any more; and a refused one has never left the desk.
 */
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
    if (!slip)
        return DESK_COME_BACK; /* no paper now */

    enum pool_status status = pool_try_submit(kitchen, prepare, slip);
    if (status == POOL_OK)
        return DESK_TAKEN;
    free(slip);
    return status == POOL_FULL ? DESK_COME_BACK : DESK_CLOSED;
}
