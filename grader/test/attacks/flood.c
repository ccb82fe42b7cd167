/* attack: prints without end
 * screened: overload
 * unscreened: overload
 */
#include "tasks.h"

#include <stdio.h>

void print_all(int count)
{
    for (;;)
        printf("ticket %d\n", count);
}
