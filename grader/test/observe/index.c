/* An index that the array does not have.
 *
 * - memory: invalid-memory: Line {write}: index 4 out of bounds for type
 */
#include <stdio.h>

int main(int argc, char **argv)
{
    volatile int numbers[4] = {0};

    (void)argv;
    numbers[3 + argc] = 1; /* {write} */
    printf("%d\n", numbers[0]);
    puts("done");
    return 0;
}
