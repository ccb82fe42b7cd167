/* group_end.c - how a group ends: cancel, wait, reset, destroy. And what it tells about itself.
 *
 * A cancel marks the group, claims every item that nobody has begun, and settles them once on_cancel and
 * their discards have been called. A wait is over when no item is unsettled and no cancel is at work, so
 * nothing of the group runs after it.
 *
 * Not here: interrupting what runs. A task that may have to end early asks pool_group_is_cancelled.
 */
#include "group_inside.h"

#include <stdlib.h>

static bool is_over_locked(const struct pool_group *group)
{
    assert(lock_is_mine(&group->lock));
    return group->unfinished == 0 && group->busy == 0;
}

void pool_group_look_locked(struct pool_group *group)
{
    if (!is_over_locked(group))
        return;
    bell_ring_all(&group->over);
    if (group->visitors == 0)
        bell_ring(&group->gone);
}

void pool_group_visit_begin(struct pool_group *group)
{
    lock_take(&group->lock);
    group->visitors++;
}

void pool_group_visit_end(struct pool_group *group)
{
    group->visitors--;
    if (group->visitors == 0 && is_over_locked(group))
        bell_ring(&group->gone);
    lock_drop(&group->lock);
}

/* --- cancel ------------------------------------------------------------------------------------------- */

/* Claim and unlink what nobody has begun; a chain of items joined by `behind`. */
static struct item *claim_all_locked(struct pool_group *group)
{
    struct item *claimed = NULL, **end = &claimed;
    struct item *next;

    for (struct item *item = group->first; item; item = next) {
        next = item->behind;
        if (!pool_group_claim(item))
            continue; /* somebody has begun */
        pool_group_unlink_locked(item);
        item->behind = NULL;
        *end = item;
        end = &item->behind;
    }
    return claimed;
}

static void call_back(const struct pool_group *group, const struct item *cancelled)
{
    struct pool_scope frame;

    pool_scope_enter(&frame, group);
    if (group->on_cancel)
        group->on_cancel(group->context);
    for (; group->discard && cancelled; cancelled = cancelled->behind)
        group->discard(cancelled->arg);
    pool_scope_leave(&frame);
}

void pool_group_cancel_locked(struct pool_group *group)
{
    assert(lock_is_mine(&group->lock));
    if (group->cancelled)
        return;
    atomic_store_explicit(&group->cancelled, true, memory_order_release);
    pool_group_note_locked(group, POOL_CANCELLED, 0);
    bell_ring_all(&group->room);
    struct item *item = claim_all_locked(group);
    group->busy++;
    lock_drop(&group->lock);
    call_back(group, item);
    lock_take(&group->lock);
    for (struct item *next; item; item = next) {
        next = item->behind;
        pool_group_settle_locked(item, POOL_CANCELLED, 0);
        pool_group_drop_item(item);
    }
    group->busy--;
    pool_group_look_locked(group);
}

enum pool_status pool_group_cancel(struct pool_group *group)
{
    if (!group)
        return POOL_INVALID;
    pool_group_visit_begin(group);
    pool_group_cancel_locked(group);
    pool_group_visit_end(group);
    return POOL_OK;
}

int pool_group_is_cancelled(const struct pool_group *group)
{
    return group && atomic_load_explicit(&group->cancelled, memory_order_acquire);
}

/* --- wait --------------------------------------------------------------------------------------------- */

/* POOL_OK: the group is over. Only a thread without a deadline helps: it cannot leave a task halfway. */
static enum pool_status await_over_locked(struct pool_group *group, const struct timespec *deadline)
{
    enum pool_status status = POOL_OK;
    int late = 0;

    group->counts.waiting++;
    while (!is_over_locked(group)) {
        if (late) {
            status = POOL_TIMED_OUT;
            break;
        }
        if (deadline || !pool_group_help_locked(group))
            late = bell_wait(&group->over, deadline);
    }
    group->counts.waiting--;
    return status;
}

static enum pool_status wait_for(struct pool_group *group, const struct timespec *deadline, int *error)
{
    if (!group)
        return POOL_INVALID;
    if (pool_scope_inside(group))
        return POOL_WOULD_DEADLOCK;
    pool_group_visit_begin(group);
    enum pool_status status = await_over_locked(group, deadline);
    if (status == POOL_OK)
        status = group->outcome;
    if (error && status == POOL_FAILED)
        *error = group->error;
    pool_group_visit_end(group);
    return status;
}

enum pool_status pool_group_wait(struct pool_group *group, int *error)
{
    return wait_for(group, NULL, error);
}

enum pool_status pool_group_wait_until(struct pool_group *group, const struct timespec *deadline, int *error)
{
    return deadline_is_valid(deadline) ? wait_for(group, deadline, error) : POOL_INVALID;
}

enum pool_status pool_group_reset(struct pool_group *group)
{
    if (!group)
        return POOL_INVALID;
    if (pool_scope_inside(group))
        return POOL_WOULD_DEADLOCK;
    pool_group_visit_begin(group);
    await_over_locked(group, NULL);
    group->outcome = POOL_OK;
    group->error = 0;
    atomic_store_explicit(&group->cancelled, false, memory_order_release);
    pool_group_visit_end(group);
    return POOL_OK;
}

/* --- destroy ------------------------------------------------------------------------------------------ */

static void join_runners(struct pool_group *group)
{
    for (struct runner *next; group->runners; group->runners = next) {
        next = group->runners->next;
        must(pthread_join(group->runners->thread, NULL));
        free(group->runners);
    }
}

/* A group that is over is not cancelled: nobody is told so for a group that went well. */
static void close_and_await(struct pool_group *group)
{
    lock_take(&group->lock);
    if (group->unfinished > 0 || group->visitors > 0)
        pool_group_cancel_locked(group);
    while (!is_over_locked(group) || group->visitors > 0)
        bell_wait(&group->gone, NULL);
    group->closing = true;
    bell_ring_all(&group->work);
    lock_drop(&group->lock);
}

void pool_group_destroy(struct pool_group *group)
{
    if (!group)
        return;
    bool inside = pool_scope_inside(group);
    assert(!inside && "pool_group_destroy was called from one of the group's own tasks");
    if (inside)
        return; /* without assertions: a leak rather than a task in freed memory */
    close_and_await(group);
    join_runners(group);
    bell_release(&group->gone);
    bell_release(&group->work);
    bell_release(&group->over);
    bell_release(&group->room);
    lock_release(&group->lock);
    free(group);
}

struct pool_group_counts pool_group_counts(struct pool_group *group)
{
    struct pool_group_counts counts = {0};
    if (!group)
        return counts;
    lock_take(&group->lock);
    counts = group->counts;
    lock_drop(&group->lock);
    return counts;
}
