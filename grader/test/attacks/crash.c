/* attack: follows a null pointer
 * screened: invalid-memory
 * unscreened: invalid-memory
 */
#include "tasks.h"

void print_all(int count)
{
    int *nowhere = 0;
    *nowhere = count;
}
