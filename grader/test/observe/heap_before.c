/* One element too early.
 *
 * - memory: invalid-memory: Line {read} reads memory in front of the block of 16 bytes that line {malloc}
 * allocated.
 * - memcheck: invalid-memory: Line {read} reads memory in front of the block of 16 bytes that line {malloc}
 * allocated.
 */
#include <stdio.h>
#include <stdlib.h>

int main(void)
{
    int *volatile numbers = malloc(16); /* {malloc} */

    printf("%p\n", (void *)(size_t)(numbers[-1] > 0)); /* {read} */
    free(numbers);
    puts("done");
    return 0;
}
