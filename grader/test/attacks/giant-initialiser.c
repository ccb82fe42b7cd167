/* attack: makes the compiler write gigabytes
 * screened: build
 * unscreened: build
 */
#include "tasks.h"

int giant[1 << 30] = {1};

void print_all(int count)
{
    print_ticket(giant[count]);
}
