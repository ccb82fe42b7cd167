/* access.c - our own end of clang's -fsanitize=thread: every memory access of the program calls in here just
 * before it happens.
 *
 * Level 1: an access outside the thread's own stack is a scheduling point, so that a race shows what it leads
 * to. Level 0: the accesses are only watched for races, if that was asked for.
 */
#include "explore/rt/inside.h"

#include <string.h>

#define HERE __builtin_return_address(0)

/* Other threads can reach a thread's stack only if it passes them an address; what lies within a page or two
 * of the callback's own frame is taken to be private. The frames of callers, where such variables live, are
 * further up: they count as shared. */
static int is_private(const void *address)
{
    const char *frame = __builtin_frame_address(0), *at = address;
    return at <= frame + 256 && at >= frame - 4096;
}

static void access(const void *address, unsigned size, int write, const void *pc)
{
    if (!rt_active() || is_private(address))
        return;
    if (rt_request()->memory_points)
        rt_point(write ? OPERATION_WRITE : OPERATION_READ, address, pc, size);
    if (rt_request()->detect_races)
        rt_accessed(address, size, write, 0, pc);
}

#define ACCESS(name, size, write)                                                                            \
    void __tsan_##name(void *address);                                                                       \
    void __tsan_##name(void *address)                                                                        \
    {                                                                                                        \
        access(address, size, write, HERE);                                                                  \
    }
#define SIZES(kind, write)                                                                                   \
    ACCESS(kind##1, 1, write)                                                                                \
    ACCESS(kind##2, 2, write) ACCESS(kind##4, 4, write) ACCESS(kind##8, 8, write) ACCESS(kind##16, 16, write)
SIZES(read, 0)
SIZES(write, 1)
SIZES(unaligned_read, 0)
SIZES(unaligned_write, 1)
SIZES(volatile_read, 0)
SIZES(volatile_write, 1)
SIZES(unaligned_volatile_read, 0)
SIZES(unaligned_volatile_write, 1)
SIZES(read_write, 1)
SIZES(unaligned_read_write, 1)

void __tsan_read_range(void *address, unsigned long size);
void __tsan_write_range(void *address, unsigned long size);
void *__tsan_memcpy(void *to, const void *from, unsigned long size);
void *__tsan_memmove(void *to, const void *from, unsigned long size);
void *__tsan_memset(void *to, int byte, unsigned long size);
void __tsan_init(void);
void __tsan_func_entry(void *pc);
void __tsan_func_exit(void);
void __tsan_vptr_read(void **address);
void __tsan_vptr_update(void **address, void *value);
void __tsan_ignore_thread_begin(void);
void __tsan_ignore_thread_end(void);

static unsigned clamp(unsigned long size)
{
    return size > 255 ? 255 : (unsigned)size;
}

void __tsan_read_range(void *address, unsigned long size)
{
    access(address, clamp(size), 0, HERE);
}

void __tsan_write_range(void *address, unsigned long size)
{
    access(address, clamp(size), 1, HERE);
}

void *__tsan_memcpy(void *to, const void *from, unsigned long size)
{
    access(from, clamp(size), 0, HERE);
    access(to, clamp(size), 1, HERE);
    return memcpy(to, from, size);
}

void *__tsan_memmove(void *to, const void *from, unsigned long size)
{
    access(from, clamp(size), 0, HERE);
    access(to, clamp(size), 1, HERE);
    return memmove(to, from, size);
}

void *__tsan_memset(void *to, int byte, unsigned long size)
{
    access(to, clamp(size), 1, HERE);
    return memset(to, byte, size);
}

void __tsan_init(void)
{
}

void __tsan_func_entry(void *pc)
{
    (void)pc;
}

void __tsan_func_exit(void)
{
}

void __tsan_vptr_read(void **address)
{
    access(address, sizeof *address, 0, HERE);
}

void __tsan_vptr_update(void **address, void *value)
{
    (void)value;
    access(address, sizeof *address, 1, HERE);
}

void __tsan_ignore_thread_begin(void)
{
}

void __tsan_ignore_thread_end(void)
{
}
