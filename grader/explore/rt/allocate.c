/* allocate.c - malloc and its kin, so that they can be made to fail. Blocking reads and other system calls
 * are not seen here. */
#include "explore/rt/inside.h"

#include <errno.h>
#include <stdlib.h>

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *old, size_t size);

static int shall_fail(void)
{
    if (!rt_active() || !rt_chance(CHOICE_FAILURE, rt_request()->fail_malloc))
        return 0;
    errno = ENOMEM;
    return 1;
}

void *__wrap_malloc(size_t size)
{
    void *made = shall_fail() ? NULL : __real_malloc(size);
    if (made && rt_active())
        rt_forget(made, size);
    return made;
}

void *__wrap_calloc(size_t count, size_t size)
{
    void *made = shall_fail() ? NULL : __real_calloc(count, size);
    if (made && rt_active())
        rt_forget(made, count * size);
    return made;
}

void *__wrap_realloc(void *old, size_t size)
{
    return shall_fail() ? NULL : __real_realloc(old, size);
}
