/* attack: kills every process it may
 * screened: forbidden
 * unscreened: crash
 */
#include "tasks.h"

#include <signal.h>

void print_all(int count)
{
    kill(-1, 9 + count * 0);
    raise(9);
}
