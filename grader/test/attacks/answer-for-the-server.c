/* attack: tells whoever listens at any descriptor that the work is done, and leaves
 * screened: forbidden
 * unscreened: tampered
 */
#include "tasks.h"

#include <sys/socket.h>
#include <unistd.h>

void print_all(int count)
{
    (void)count;
    for (int descriptor = 3; descriptor < 256; descriptor++)
        send(descriptor, "d", 1, MSG_NOSIGNAL);
    _exit(0);
}
