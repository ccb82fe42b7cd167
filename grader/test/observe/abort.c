/* A failed assertion.
 *
 * - native: crash: The program was killed by signal 6 (Aborted).
 * - memcheck: crash: Line {abort} was where signal 6 (Aborted) killed the program.
 */
#include <stdio.h>
#include <stdlib.h>

int main(void)
{
    abort(); /* {abort} */
    puts("done");
    return 0;
}
