/* scope.h - whose callbacks this thread is running right now. Private to this room.
 *
 *     struct pool_scope frame;
 *     pool_scope_enter(&frame, group);                  // frame lies on this thread's stack
 *     task(arg);                                        // in here, pool_scope_inside(group) is true
 *     pool_scope_leave(&frame);
 *
 * A thread that waits for something it is itself a part of waits for ever. Whoever calls back so asks first,
 * and answers POOL_WOULD_DEADLOCK. One thing's callback may enter another's, hence a chain, innermost first.
 */
#ifndef DEEPEND_POOL_SCOPE_H
#define DEEPEND_POOL_SCOPE_H

#include <stdbool.h>

struct pool_scope {
    const void *owner;
    const struct pool_scope *outer;
};

void pool_scope_enter(struct pool_scope *frame, const void *owner);
void pool_scope_leave(const struct pool_scope *frame);

/* Is this thread inside OWNER, at any depth? */
bool pool_scope_inside(const void *owner);

#endif
