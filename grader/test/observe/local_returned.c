/* The address of a local variable outlives its function.
 *
 * - memory: invalid-memory: Line {write} writes to `mine`, a local variable of a function that has already
 * returned.
 * - memory marks: {declared}
 */
#include <stdio.h>

__attribute__((noinline)) static int *address(void)
{
    int mine = 4; /* {declared} */
    int *volatile at = &mine;

    return at;
}

int main(void)
{
    int *gone = address();

    *gone = 5; /* {write} */
    puts("done");
    return 0;
}
