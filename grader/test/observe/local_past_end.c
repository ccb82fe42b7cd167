/* Behind the end of a local array, which UBSan sees only when the index is in the same expression.
 *
 * - memory: invalid-memory: Line {write} writes to memory outside of `numbers`.
 */
#include <stdio.h>

static void fill(volatile int *at, int count)
{
    for (int i = 0; i < count; i++)
        at[i] = i; /* {write} */
}

int main(void)
{
    int numbers[4];

    fill(numbers, 5);
    printf("%d\n", numbers[0]);
    puts("done");
    return 0;
}
