/* attack: includes itself without end
 * screened: forbidden
 * unscreened: build
 */
#include "tasks.h"

#include "tasks.c"

void print_all(int count)
{
    (void)count;
}
