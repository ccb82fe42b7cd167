/* A decision by a value that was never set.
 *
 * - memcheck: undefined: Line {if} makes a decision by a value that was never set.
 */
#include <stdio.h>
#include <stdlib.h>

int main(void)
{
    int *volatile numbers = malloc(16);

    if (numbers[2] > 3) /* {if} */
        puts("large");
    free(numbers);
    puts("done");
    return 0;
}
