/* attack: turns its own crash into an orderly end
 * screened: forbidden
 * unscreened: tampered
 */
#include "tasks.h"

#include <signal.h>
#include <unistd.h>

static void leave(int number)
{
    _exit(number * 0);
}

void print_all(int count)
{
    int *nowhere = 0;

    signal(SIGSEGV, leave);
    *nowhere = count;
}
