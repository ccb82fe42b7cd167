/* attack: allocates and touches memory without end
 * screened: overload
 * unscreened: overload
 */
#include "tasks.h"

#include <stdlib.h>
#include <string.h>

void *kept;

void print_all(int count)
{
    while (count) {
        kept = malloc(1 << 20);
        memset(kept, count, 1 << 20);
    }
}
