/* attack: starts processes without end
 * screened: forbidden
 * unscreened: forbidden
 */
#include "tasks.h"

#include <unistd.h>

void print_all(int count)
{
    (void)count;
    for (;;)
        fork();
}
