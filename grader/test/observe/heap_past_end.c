/* One element too far.
 *
 * - memory: invalid-memory: Line {write} writes to memory behind the end of the block of 16 bytes that line
 * {malloc} allocated.
 * - memcheck: invalid-memory: Line {write} writes to memory behind the end of the block of 16 bytes that line
 * {malloc} allocated.
 */
#include <stdio.h>
#include <stdlib.h>

int main(void)
{
    int *volatile numbers = malloc(16); /* {malloc} */

    numbers[4] = 7; /* {write} */
    free(numbers);
    puts("done");
    return 0;
}
