/* attack: includes the source of the check to get at its counters
 * screened: forbidden
 * unscreened: build
 */
#include "tasks.h"

#include "check.c"

void print_all(int count)
{
    for (int i = 0; i < count; i++)
        tally_add(&printed[i], 1);
}
