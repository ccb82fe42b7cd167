/* attack: fills the disk
 * screened: forbidden
 * unscreened: timeout
 */
#include "tasks.h"

#include <stdio.h>

void print_all(int count)
{
    FILE *file = fopen("/tmp/full", "w");

    for (;;)
        if (file && fprintf(file, "%0999d\n", count) < 0)
            fflush(file);
}
