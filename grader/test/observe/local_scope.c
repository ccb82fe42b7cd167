/* The address of a local variable outlives its block.
 *
 * - memory: invalid-memory: Line {read} reads `inner`, a local variable whose block has already ended.
 */
#include <stdio.h>

int main(void)
{
    int *volatile at;

    {
        volatile int inner = 3;
        at = (int *)&inner;
    }
    printf("%d\n", *at); /* {read} */
    puts("done");
    return 0;
}
