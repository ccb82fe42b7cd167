/* attack: leaves by a handler that turns every end into status 0
 * screened: forbidden
 * unscreened: wrong-result
 */
#include "tasks.h"

#include <stdlib.h>
#include <unistd.h>

static void leave(void)
{
    _exit(0);
}

void print_all(int count)
{
    (void)count;
    atexit(leave);
}
