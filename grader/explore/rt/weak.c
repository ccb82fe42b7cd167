/* weak.c - stand-ins for the parts that are linked in only when they are wanted: access.c, races.c. */
#include "explore/rt/inside.h"

#define WEAK __attribute__((weak))

WEAK int rt_sees_accesses(void)
{
    return 0;
}

WEAK void rt_release(const void *object)
{
    (void)object;
}

WEAK void rt_acquire(const void *object)
{
    (void)object;
}

WEAK void rt_started(int child)
{
    (void)child;
}

WEAK void rt_ended(int child)
{
    (void)child;
}

WEAK void rt_forget(const void *address, unsigned long size)
{
    (void)address;
    (void)size;
}

WEAK void rt_accessed(const void *address, unsigned size, int is_write, int is_atomic, const void *pc)
{
    (void)address;
    (void)size;
    (void)is_write;
    (void)is_atomic;
    (void)pc;
}
