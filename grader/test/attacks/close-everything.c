/* attack: closes all descriptors, so that no result can be told
 * screened: forbidden
 * unscreened: tampered
 */
#include "tasks.h"

#include <unistd.h>

void print_all(int count)
{
    (void)count;
    for (int fd = 0; fd < 256; fd++)
        close(fd);
}
