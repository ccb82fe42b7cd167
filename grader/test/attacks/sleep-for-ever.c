/* attack: sleeps
 * screened: timeout
 * unscreened: timeout
 */
#include "tasks.h"

#include <unistd.h>

void print_all(int count)
{
    sleep((unsigned)count * 1000000);
}
