/* allocate.c - malloc and its kin, so that they can be made to fail. Blocking reads and other system calls
 * are not seen here. */
#include "check/explored.h"
#include "explore/rt/inside.h"

#include <errno.h>
#include <malloc.h>
#include <stdlib.h>

#define HERE __builtin_return_address(0)

enum { FREED_MOST = 4096 }; /* bytes of a freed block that are compared with earlier accesses */

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *old, size_t size);
void __real_free(void *old);

static int shall_fail(void)
{
    if (rt_active())
        rt_touch_library();
    if (!rt_active() || !rt_chance(CHOICE_FAILURE, rt_request()->fail_malloc))
        return 0;
    errno = ENOMEM;
    return 1;
}

/* MADE is NULL though nobody made it fail: in a confined program that is its limit. */
static void check_limit(const void *made, const void *pc)
{
    if (!made && rt_active() && rt_request()->memory_bytes)
        rt_fail(CLASS_OVERLOAD, pc, NULL, NULL, "the program takes more memory than the check allows");
}

/* For a program that keeps account of its memory. */
static void *told(void *made, const void *pc)
{
    if (made && check_allocated)
        check_allocated(made, pc);
    return made;
}

static void tell_free(void *old)
{
    if (old && check_frees)
        check_frees(old);
}

void *__wrap_malloc(size_t size)
{
    int fails = shall_fail();
    void *made = fails ? NULL : __real_malloc(size);

    if (!fails && size > 0)
        check_limit(made, HERE);
    if (made && rt_active())
        rt_forget(made, size);
    return told(made, HERE);
}

void *__wrap_calloc(size_t count, size_t size)
{
    int fails = shall_fail();
    void *made = fails ? NULL : __real_calloc(count, size);

    if (!fails && count > 0 && size > 0)
        check_limit(made, HERE);
    if (made && rt_active())
        rt_forget(made, count * size);
    return told(made, HERE);
}

void *__wrap_realloc(void *old, size_t size)
{
    size_t room = old ? malloc_usable_size(old) : 0;
    int fails = shall_fail();

    if (!fails)
        tell_free(old);
    void *made = fails ? NULL : __real_realloc(old, size);

    if (!fails && size > 0 && !made)
        told(old, HERE);
    if (!fails && size > 0)
        check_limit(made, HERE);
    if (made && rt_active() && made != old) {
        rt_forget(old, room);
        rt_forget(made, size);
    }
    return told(made, HERE);
}

/* To free is to write all of it, as far as races go. What comes to lie there next is another thing. */
void __wrap_free(void *old)
{
    size_t room = 0;

    if (old && rt_active()) {
        freed_check_twice(old, HERE);
        rt_touch_library();
        room = malloc_usable_size(old);
    }
    if (room && rt_request()->detect_races)
        rt_accessed(old, room < FREED_MOST ? (unsigned)room : FREED_MOST, 1, 0, HERE);
    tell_free(old);
    if (room && freed_keep(old, room, HERE))
        return;
    if (room)
        rt_forget(old, room);
    __real_free(old);
}
