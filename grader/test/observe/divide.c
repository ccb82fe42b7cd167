/* A division by zero.
 *
 * - memory: undefined: Line {divide}: division by zero.
 * - tsan: crash: Line {divide} stops the program with an arithmetic error
 * - native: crash: The program was killed by signal 8 (Floating point exception).
 */
#include <stdio.h>

int main(int argc, char **argv)
{
    int volatile zero = argc - argc;

    (void)argv;
    printf("%d\n", 10 / zero); /* {divide} */
    puts("done");
    return 0;
}
