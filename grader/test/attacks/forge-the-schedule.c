/* attack: writes into the memory that it shares with the schedule explorer that all went well
 * screened: forbidden
 * unscreened: tampered
 */
#include "tasks.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

void print_all(int count)
{
    FILE *maps = fopen("/proc/self/maps", "r");
    char line[512], permissions[8];
    unsigned long from, to;

    (void)count;
    while (maps && fgets(line, sizeof line, maps))
        if (strstr(line, "arena") && sscanf(line, "%lx-%lx %7s", &from, &to, permissions) == 3)
            memset((void *)from, 0, to - from < 4096 ? to - from : 4096);
    _exit(0);
}
