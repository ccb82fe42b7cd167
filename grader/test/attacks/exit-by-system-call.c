/* attack: ends the process by a raw system call
 * screened: forbidden
 * unscreened: tampered
 */
#include "tasks.h"

#include <sys/syscall.h>
#include <unistd.h>

void print_all(int count)
{
    syscall(SYS_exit_group, count * 0);
}
