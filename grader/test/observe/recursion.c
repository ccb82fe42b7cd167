/* A function that calls itself without end.
 *
 * - memory: crash: Line {self} was reached with the stack used up
 * - tsan: crash: Line {self} was reached with the stack used up
 */
#include <stdio.h>

__attribute__((noinline)) static int deeper(volatile int *from)
{
    volatile int room[64] = {*from};

    return deeper(room) + room[3]; /* {self} */
}

int main(void)
{
    volatile int start = 1;

    printf("%d\n", deeper(&start));
    puts("done");
    return 0;
}
