/* attack: looks for the secret of the check in its own memory
 * screened: forbidden
 * unscreened: invalid-memory
 */
#include "tasks.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void print_all(int count)
{
    char line[256];
    unsigned long from, to, sum = 0;
    FILE *maps = fopen("/proc/self/maps", "r");

    (void)count;
    while (maps && fgets(line, sizeof line, maps))
        if (sscanf(line, "%lx-%lx", &from, &to) == 2 && to - from == 4096 && strstr(line, "---p"))
            for (unsigned long at = from; at < to; at++)
                sum += *(unsigned char *)at;
    printf("%lu\n", sum);
}
