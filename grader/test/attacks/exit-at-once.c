/* attack: ends the process without running exit handlers
 * screened: forbidden
 * unscreened: tampered
 */
#include "tasks.h"

#include <unistd.h>

void print_all(int count)
{
    _exit(count * 0);
}
