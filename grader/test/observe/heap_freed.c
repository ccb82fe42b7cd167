/* Read after free.
 *
 * - memory: invalid-memory: Line {read} reads memory that line {free} has already freed.
 * - memory marks: {read} {free} {malloc}
 * - memcheck: invalid-memory: Line {read} reads memory that line {free} has already freed.
 * - memcheck marks: {read} {free} {malloc}
 * - tsan: invalid-memory: Line {read} reads memory that line {free} has already freed.
 */
#include <stdio.h>
#include <stdlib.h>

int main(void)
{
    int *numbers = malloc(16); /* {malloc} */

    numbers[1] = 7;
    free(numbers);                           /* {free} */
    int seen = *(volatile int *)&numbers[1]; /* {read} */
    printf("%d done\n", seen != 7);
    return 0;
}
