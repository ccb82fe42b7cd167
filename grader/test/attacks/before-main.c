/* attack: runs before the check does
 * screened: forbidden
 * unscreened: error
 */
#include "tasks.h"

#include <unistd.h>

__attribute__((constructor)) static void early(void)
{
    _exit(0);
}

void print_all(int count)
{
    (void)count;
}
