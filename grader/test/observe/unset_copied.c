/* Near miss: a value that was never set is copied and padded, and nothing depends on it.
 *
 * - memcheck: none
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int main(void)
{
    int *volatile numbers = malloc(16), *volatile copies = malloc(16);

    numbers[0] = 1;
    memcpy(copies, numbers, 16);
    printf("%d\n", copies[0]);
    free(numbers);
    free(copies);
    puts("done");
    return 0;
}
