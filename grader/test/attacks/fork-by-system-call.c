/* attack: starts a process by a raw system call
 * screened: forbidden
 * unscreened: forbidden
 */
#include "tasks.h"

#include <sys/syscall.h>
#include <unistd.h>

void print_all(int count)
{
    (void)count;
    syscall(SYS_clone, 17, 0, 0, 0, 0);
}
