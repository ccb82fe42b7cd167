/* Freed twice.
 *
 * - memory: invalid-memory: Line {again} frees memory that line {free} has already freed.
 * - memcheck: invalid-memory: Line {again} frees memory that line {free} has already freed.
 */
#include <stdio.h>
#include <stdlib.h>

int main(void)
{
    int *volatile numbers = malloc(16);

    free(numbers); /* {free} */
    puts("between");
    free(numbers); /* {again} */
    puts("done");
    return 0;
}
