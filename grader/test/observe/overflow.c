/* A sum that does not fit.
 *
 * - memory: undefined: Line {sum}: signed integer overflow: 2147483647 + 1 cannot be represented in type
 * 'int'.
 */
#include <limits.h>
#include <stdio.h>

int main(int argc, char **argv)
{
    int most = INT_MAX;

    (void)argv;
    most += argc; /* {sum} */
    printf("%d done\n", most);
    return 0;
}
