/* attack: runs a command
 * screened: forbidden
 * unscreened: forbidden
 */
#include "tasks.h"

#include <stdlib.h>

void print_all(int count)
{
    (void)count;
    if (system("true") != 0)
        abort();
}
