/* scope.c - a chain of frames for each thread, see scope.h. */
#include "scope.h"

#include <assert.h>
#include <stddef.h>

static _Thread_local const struct pool_scope *innermost;

void pool_scope_enter(struct pool_scope *frame, const void *owner)
{
    *frame = (struct pool_scope){.owner = owner, .outer = innermost};
    innermost = frame;
}

void pool_scope_leave(const struct pool_scope *frame)
{
    assert(innermost == frame);
    innermost = frame->outer;
}

bool pool_scope_inside(const void *owner)
{
    for (const struct pool_scope *frame = innermost; frame; frame = frame->outer)
        if (frame->owner == owner)
            return true;
    return false;
}
