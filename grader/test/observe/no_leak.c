/* Near miss: freed memory, memory that a global still points to, and memory that only an address inside of it
 * is kept of.
 *
 * - memory: none
 * - memcheck: none
 * - memcheck log: Leak_PossiblyLost
 */
#include <stdio.h>
#include <stdlib.h>

char *kept, *inside;

int main(void)
{
    int *number = malloc(sizeof *number);

    *number = 4;
    printf("%d\n", *number);
    free(number);
    kept = malloc(16);
    inside = malloc(16);
    inside += 4;
    puts("done");
    return 0;
}
