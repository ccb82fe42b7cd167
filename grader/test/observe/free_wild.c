/* Freed at an address that never was a block's.
 *
 * - memory: invalid-memory: Line {free} frees an address that malloc never returned.
 * - memcheck: invalid-memory: Line {free} frees an address that malloc never returned.
 */
#include <stdio.h>
#include <stdlib.h>

int main(void)
{
    char *volatile nowhere = (char *)0x123456789000;

    free(nowhere); /* {free} */
    puts("done");
    return 0;
}
