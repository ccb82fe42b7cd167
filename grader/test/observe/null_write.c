/* A write through a null pointer. Every tool sees it, and without one it is a crash.
 *
 * - tsan: invalid-memory: Line {write} writes to memory through a null pointer (address 0).
 * - memory: invalid-memory: Line {write}: store to null pointer of type 'int'.
 * - memcheck: invalid-memory: Line {write} writes to memory through a null pointer (address 0).
 * - native: crash: The program was killed by signal 11 (Segmentation fault).
 */
#include <stdio.h>
#include <stdlib.h>

int main(int argc, char **argv)
{
    int *volatile nothing = argc > 5 ? (int *)argv : NULL;

    *nothing = 1; /* {write} */
    puts("done");
    return 0;
}
