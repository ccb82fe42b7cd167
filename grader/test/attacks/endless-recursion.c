/* attack: uses up the stack
 * screened: crash
 * unscreened: crash
 */
#include "tasks.h"

static int deeper(int n)
{
    int here[256] = {n};
    return n < 0 ? here[0] : deeper(n + 1) + here[n & 255];
}

void print_all(int count)
{
    print_ticket(deeper(count));
}
