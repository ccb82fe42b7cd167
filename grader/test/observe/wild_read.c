/* A pointer to nowhere.
 *
 * - tsan: invalid-memory: Line {read} reads an address where the program has no memory.
 * - memcheck: invalid-memory: Line {read} reads an address where the program has no memory.
 */
#include <stdio.h>

int main(void)
{
    volatile int *volatile nowhere = (volatile int *)0x123456789000;

    printf("%d\n", *nowhere); /* {read} */
    puts("done");
    return 0;
}
