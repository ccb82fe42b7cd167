/* access.c - our own end of clang's -fsanitize=thread: every memory access of the program calls in here just
 * before it happens.
 *
 * Level 1: an access is a scheduling point, so that a race shows what it leads to. Level 0: the accesses are
 * only watched for races, if that was asked for. The compiler leaves out the local variables whose address
 * goes nowhere; a local that another thread may know of counts like any memory.
 */
#include "explore/rt/inside.h"

#define HERE __builtin_return_address(0)

/* Of a long range the first bytes stand for all, but for the depth-first search. */
static void access(const void *address, unsigned long size, int write, const void *pc)
{
    unsigned most = size > 255 ? 255 : (unsigned)size;

    if (size == 0 || !rt_active())
        return;
    if (rt_request()->memory_points && !rt_alone())
        rt_point(write ? OPERATION_WRITE : OPERATION_READ, address, pc, most);
    freed_check(address, pc);
    if (rt.reducing)
        rt_touch(address, size, write);
    if (write)
        rt_changed();
    if (rt_request()->detect_races)
        rt_accessed(address, most, write, 0, pc);
}

int rt_sees_accesses(void)
{
    return 1;
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
void *__real_memcpy(void *to, const void *from, unsigned long size);
void *__real_memmove(void *to, const void *from, unsigned long size);
void *__real_memset(void *to, int byte, unsigned long size);
void __tsan_init(void);
void __tsan_func_entry(void *pc);
void __tsan_func_exit(void);
void __tsan_vptr_read(void **address);
void __tsan_vptr_update(void **address, void *value);
void __tsan_ignore_thread_begin(void);
void __tsan_ignore_thread_end(void);

void __tsan_read_range(void *address, unsigned long size)
{
    access(address, size, 0, HERE);
}

void __tsan_write_range(void *address, unsigned long size)
{
    access(address, size, 1, HERE);
}

/* Copied structs come here, too. Before version 15 or so clang calls these functions by their usual names and
 * relies on ThreadSanitizer to stand before them; later ones call __tsan_memcpy. */
static void *copy(void *to, const void *from, unsigned long size, const void *pc)
{
    access(from, size, 0, pc);
    access(to, size, 1, pc);
    return __real_memmove(to, from, size);
}

static void *set(void *to, int byte, unsigned long size, const void *pc)
{
    access(to, size, 1, pc);
    return __real_memset(to, byte, size);
}

#define COPY(name)                                                                                           \
    void *name(void *to, const void *from, unsigned long size);                                              \
    void *name(void *to, const void *from, unsigned long size)                                               \
    {                                                                                                        \
        return copy(to, from, size, HERE);                                                                   \
    }
COPY(__wrap_memcpy)
COPY(__wrap_memmove)
COPY(__tsan_memcpy)
COPY(__tsan_memmove)

#define SET(name)                                                                                            \
    void *name(void *to, int byte, unsigned long size);                                                      \
    void *name(void *to, int byte, unsigned long size)                                                       \
    {                                                                                                        \
        return set(to, byte, size, HERE);                                                                    \
    }
SET(__wrap_memset)
SET(__tsan_memset)

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
