/* attack: keeps a processor busy without end
 * screened: timeout
 * unscreened: timeout
 */
#include "tasks.h"

#include <sched.h>

void print_all(int count)
{
    while (count > 0)
        sched_yield();
}
