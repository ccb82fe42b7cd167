/* attack: includes a file that is not its own
 * screened: forbidden
 * unscreened: build
 */
#include "tasks.h"

#include "/etc/passwd"

void print_all(int count)
{
    (void)count;
}
