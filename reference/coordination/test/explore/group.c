/* Shows: a group on threads of its own keeps its limit, tells the first error, throws out what has not begun,
 * and nothing of it runs after the wait.
 *
 *     deepend explore reference/coordination/test/explore/group.c reference/coordination/group.c
 *         reference/coordination/group_end.c reference/coordination/scope.c reference/core/pool*.c
 *         reference/core/deque.c reference/core/segments.c reference/core/status.c
 *         --cflags "-Ireference/core -Ireference/coordination"
 *
 *     broken reference/coordination/group.c deadlock: /pool_group_settle_locked/,/^}/s/bell_ring(&group->room);//
 *     broken reference/coordination/group.c wrong-result: s/unfinished < group->counts.limit/unfinished <= group->counts.limit/
 */
#include "group.h"
#include <assert.h>
#include <stdatomic.h>

static atomic_int running, most = 1;

static int fail(void *error, struct pool_group *group)
{
    (void)group;
    int others = atomic_fetch_add(&running, 1);
    assert(others < most);
    atomic_fetch_sub(&running, 1);
    return *(int *)error;
}

/* Tasks with these errors, one of which is not 0. Answers the group's. */
static int fill_and_wait(struct pool_group *group, int *errors, int count)
{
    struct pool_group_counts before = pool_group_counts(group);
    unsigned long long accepted = 0;
    int error = 0;

    for (int i = 0; i < count; i++)
        accepted += pool_group_go(group, fail, &errors[i], NULL) == POOL_OK;
    enum pool_status status = pool_group_wait(group, &error);
    struct pool_group_counts now = pool_group_counts(group);
    assert(status == POOL_FAILED && running == 0 && now.accepted - before.accepted == accepted);
    assert(now.accepted == now.succeeded + now.failed + now.cancelled);
    return error;
}

int main(void)
{
    static int errors[3] = {0, 2, 3};
    struct pool_group_options options = {.limit = 1, .on_failure = POOL_GROUP_CANCEL};
    struct pool_group *group;

    if (pool_group_create(&group, &options) != POOL_OK)
        return 2;
    int error = fill_and_wait(group, errors, 3); /* one after the other, so this is sure: */
    assert(error == 2);
    most = 2;
    if (pool_group_reset(group) != POOL_OK || pool_group_set_limit(group, 2) != POOL_OK)
        return 2;
    error = fill_and_wait(group, &errors[1], 2);
    assert(error == 2 || error == 3);
    pool_group_destroy(group);
    return 0;
}
