/* Near miss: unsigned numbers wrap, and a request that cannot be met is answered by NULL.
 *
 * - memory: none
 * - tsan: none
 */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>

int main(int argc, char **argv)
{
    unsigned most = UINT_MAX;
    size_t volatile much = (size_t)1 << 60;

    (void)argv;
    most += (unsigned)argc;
    char *block = malloc(much);
    printf("%u %d\n", most, block == NULL);
    free(block);
    puts("done");
    return 0;
}
