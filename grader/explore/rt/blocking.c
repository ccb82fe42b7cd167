/* blocking.c - reads that would have to wait for something outside of the program are not modelled: they are
 * named at once, where they stand. One that has something to read is left to the kernel.
 */
#include "explore/rt/inside.h"

#include <poll.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define HERE __builtin_return_address(0)

ssize_t __real_read(int descriptor, void *text, size_t room);
ssize_t __wrap_read(int descriptor, void *text, size_t room);

static int has_to_wait(int descriptor)
{
    struct pollfd one = {.fd = descriptor, .events = POLLIN};
    const struct timespec none = {0};

    return syscall(SYS_ppoll, &one, 1L, &none, NULL, 0L) == 0;
}

ssize_t __wrap_read(int descriptor, void *text, size_t room)
{
    if (rt_active()) {
        rt_touch_library();
        if (has_to_wait(descriptor))
            rt_unsupported("read", HERE);
    }
    return __real_read(descriptor, text, room);
}
