/* attack: tells every open descriptor that the check is done
 * screened: forbidden
 * unscreened: tampered
 */
#include "tasks.h"

#include <stdlib.h>
#include <unistd.h>

void print_all(int count)
{
    (void)count;
    for (int fd = 0; fd < 256; fd++)
        if (write(fd, "00000000000000000000000000000000 done", 37) < 0)
            continue;
    _exit(0);
}
