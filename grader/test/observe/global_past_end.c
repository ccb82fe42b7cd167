/* Behind the end of a global array.
 *
 * - memory: invalid-memory: Line {write} writes to memory outside of `numbers`.
 * - memory marks: {declared}
 */
#include <stdio.h>

int numbers[4]; /* {declared} */

static void fill(volatile int *at, int count)
{
    for (int i = 0; i < count; i++)
        at[i] = i; /* {write} */
}

int main(void)
{
    fill(numbers, 5);
    puts("done");
    return 0;
}
