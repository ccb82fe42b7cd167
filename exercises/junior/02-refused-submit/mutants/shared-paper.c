/* desk.c - the order is tidied up on a sheet that lies on the desk, one for all customers. */
#include "desk.h"

#include <stdlib.h>
#include <string.h>

static char sheet[80];

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

/* ORDER without blanks at its end. */
static const char *tidy(const char *order)
{
    strncpy(sheet, order, sizeof sheet - 1);
    for (size_t length = strlen(sheet); length > 0 && sheet[length - 1] == ' '; length--)
        sheet[length - 1] = '\0';
    return sheet;
}

enum desk_answer desk_take(struct pool *kitchen, const char *order)
{
    char *slip = strdup(tidy(order));
    enum pool_status status = pool_try_submit(kitchen, prepare, slip);

    if (status == POOL_OK)
        return DESK_TAKEN;
    free(slip);
    return status == POOL_FULL ? DESK_COME_BACK : DESK_CLOSED;
}
