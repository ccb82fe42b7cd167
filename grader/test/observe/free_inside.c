/* Freed through another address than malloc gave.
 *
 * - memory: invalid-memory: Line {free} frees an address that malloc never returned.
 * - memcheck: invalid-memory: Line {free} frees an address that malloc never returned.
 */
#include <stdio.h>
#include <stdlib.h>

int main(void)
{
    char *volatile text = malloc(16);

    text += 4;
    free(text); /* {free} */
    puts("done");
    return 0;
}
