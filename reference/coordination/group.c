/* group.c - how a task comes into a group and runs: create, go, try, the claim, the group's own threads.
 *
 * With a pool, an accepted item is in two places, the group's list and the pool's queue. Who claims it first
 * has it; the other finds an empty shell. Without a pool the list is the queue, and there are at least as
 * many runners without an item as items without a runner: a new item that finds too few makes a thread.
 *
 * How a group ends is told in group_end.c.
 */
#include "group_inside.h"

#include <stdlib.h>

/* --- the claim ---------------------------------------------------------------------------------------- */

bool pool_group_claim(struct item *item)
{
    return !atomic_exchange_explicit(&item->claimed, true, memory_order_acq_rel);
}

void pool_group_drop_item(struct item *item)
{
    if (atomic_fetch_sub_explicit(&item->holders, 1, memory_order_acq_rel) == 1)
        free(item);
}

static void link_locked(struct item *item)
{
    struct pool_group *group = item->group;
    item->before = group->last;
    *(item->before ? &item->before->behind : &group->first) = item;
    group->last = item;
    group->counts.queued++;
}

void pool_group_unlink_locked(struct item *item)
{
    struct pool_group *group = item->group;
    assert(lock_is_mine(&group->lock));
    *(item->before ? &item->before->behind : &group->first) = item->behind;
    *(item->behind ? &item->behind->before : &group->last) = item->before;
    group->counts.queued--;
}

/* --- running one -------------------------------------------------------------------------------------- */

void pool_group_settle_locked(struct item *item, enum pool_status status, int error)
{
    struct pool_group *group = item->group;
    if (item->slot)
        *item->slot = (struct pool_group_slot){.status = status, .error = error};
    group->counts.succeeded += status == POOL_OK;
    group->counts.failed += status == POOL_FAILED;
    group->counts.cancelled += status == POOL_CANCELLED;
    group->counts.discarded += status == POOL_DISCARDED;
    group->unfinished--;
    bell_ring(&group->room);
    pool_group_look_locked(group);
}

void pool_group_note_locked(struct pool_group *group, enum pool_status status, int error)
{
    assert(lock_is_mine(&group->lock));
    if (group->outcome != POOL_OK)
        return;
    group->outcome = status;
    group->error = error;
}

void pool_group_run_locked(struct item *item)
{
    struct pool_group *group = item->group;
    struct pool_scope frame;

    pool_group_unlink_locked(item);
    group->counts.running++;
    lock_drop(&group->lock);
    pool_scope_enter(&frame, group);
    int error = item->run(item->arg, group);
    pool_scope_leave(&frame);
    lock_take(&group->lock);
    if (error != 0) {
        pool_group_note_locked(group, POOL_FAILED, error);
        if (group->on_failure == POOL_GROUP_CANCEL)
            pool_group_cancel_locked(group);
    }
    group->counts.running--;
    pool_group_settle_locked(item, error == 0 ? POOL_OK : POOL_FAILED, error);
    pool_group_drop_item(item);
}

bool pool_group_help_locked(struct pool_group *group)
{
    if (!group->pool)
        return false;
    for (struct item *item = group->first; item; item = item->behind) {
        if (!pool_group_claim(item))
            continue; /* a worker has it and is about to unlink it */
        pool_group_run_locked(item);
        return true;
    }
    return false;
}

/* --- on a pool ---------------------------------------------------------------------------------------- */

static void run_job(struct pool_job *job)
{
    struct item *item = (struct item *)job;
    struct pool_group *group = item->group;

    if (pool_group_claim(item)) {
        lock_take(&group->lock);
        pool_group_run_locked(item);
        lock_drop(&group->lock); /* the group may be gone from here on */
    }
    pool_group_drop_item(item);
}

/* The pool was stopped. Its discard function knows nothing of this argument, the group's does. */
static void discard_job(struct pool_job *job)
{
    struct item *item = (struct item *)job;
    struct pool_group *group = item->group;
    struct pool_scope frame;

    if (pool_group_claim(item)) {
        pool_scope_enter(&frame, group);
        if (group->discard)
            group->discard(item->arg);
        pool_scope_leave(&frame);
        lock_take(&group->lock);
        pool_group_unlink_locked(item);
        pool_group_note_locked(group, POOL_DISCARDED, 0);
        pool_group_settle_locked(item, POOL_DISCARDED, 0);
        lock_drop(&group->lock);
        pool_group_drop_item(item);
    }
    pool_group_drop_item(item);
}

/* --- on threads of its own ---------------------------------------------------------------------------- */

static void *runner_main(void *arg)
{
    struct pool_group *group = arg;

    lock_take(&group->lock);
    for (;;) {
        while (!group->first && !group->closing)
            bell_wait(&group->work, NULL);
        if (!group->first)
            break;
        struct item *item = group->first;
        bool mine = pool_group_claim(item);
        assert(mine); /* all claims are made under the lock here */
        (void)mine;
        group->idle--;
        pool_group_run_locked(item);
        group->idle++; /* before anybody can see that the task is over and miss an idle runner */
    }
    lock_drop(&group->lock);
    return NULL;
}

/* A runner for the newest item: an idle one, or a new one. */
static enum pool_status find_runner_locked(struct pool_group *group)
{
    if (group->counts.queued <= group->idle) {
        bell_ring(&group->work);
        return POOL_OK;
    }
    struct runner *runner = malloc(sizeof *runner);
    if (!runner)
        return POOL_NO_MEMORY;
    if (pthread_create(&runner->thread, NULL, runner_main, group) != 0) {
        free(runner);
        return POOL_NO_THREAD;
    }
    runner->next = group->runners;
    group->runners = runner;
    group->counts.threads++;
    group->idle++;
    return POOL_OK;
}

/* --- go ----------------------------------------------------------------------------------------------- */

enum patience { NOT_AT_ALL, AS_LONG_AS_IT_TAKES };

/* POOL_OK: the limit has room for one more. */
static enum pool_status await_room_locked(struct pool_group *group, enum patience patience)
{
    while (!group->cancelled) {
        if (group->unfinished < group->counts.limit)
            return POOL_OK;
        if (patience == NOT_AT_ALL)
            return POOL_FULL;
        if (pool_scope_inside(group))
            return POOL_WOULD_DEADLOCK;
        if (pool_group_help_locked(group))
            continue;
        group->counts.blocked++;
        bell_wait(&group->room, NULL);
        group->counts.blocked--;
    }
    return POOL_CANCELLED;
}

static void accept_locked(struct item *item)
{
    link_locked(item);
    item->group->unfinished++;
    item->group->counts.accepted++;
}

/* As if it had never come. */
static void take_back_locked(struct item *item)
{
    struct pool_group *group = item->group;
    pool_group_unlink_locked(item);
    group->unfinished--;
    group->counts.accepted--;
    bell_ring(&group->room);
    pool_group_look_locked(group);
}

/* Hand an accepted item to the pool, without the lock. If the pool refuses an item that somebody has claimed
 * meanwhile, the group has run or cancelled it: then it was accepted all the same. */
static enum pool_status submit_locked(struct item *item, enum patience patience)
{
    static const struct timespec now_or_never = {0};
    struct pool_group *group = item->group;

    lock_drop(&group->lock);
    enum pool_status status =
        pool_submit_job(group->pool, &item->job, patience == NOT_AT_ALL ? &now_or_never : NULL);
    lock_take(&group->lock);
    if (status == POOL_OK)
        return POOL_OK;
    if (pool_group_claim(item)) {
        take_back_locked(item);
        pool_group_drop_item(item);
    } else {
        status = POOL_OK;
    }
    pool_group_drop_item(item); /* for the pool, which will not */
    return status == POOL_TIMED_OUT ? POOL_FULL : status;
}

static enum pool_status start_locked(struct item *item, enum patience patience)
{
    accept_locked(item);
    if (item->group->pool)
        return submit_locked(item, patience);
    enum pool_status status = find_runner_locked(item->group);
    if (status != POOL_OK) {
        take_back_locked(item);
        pool_group_drop_item(item);
    }
    return status;
}

static enum pool_status go(struct pool_group *group, const struct item *wanted, enum patience patience)
{
    if (!group || !wanted->run)
        return POOL_INVALID;
    struct item *item = malloc(sizeof *item);
    if (!item)
        return POOL_NO_MEMORY;
    *item = *wanted;
    item->job = (struct pool_job){.run = run_job, .discard = discard_job};
    atomic_init(&item->claimed, false);
    atomic_init(&item->holders, group->pool ? 2 : 1);
    pool_group_visit_begin(group);
    enum pool_status status = await_room_locked(group, patience);
    if (status == POOL_OK)
        status = start_locked(item, patience);
    else
        free(item);
    pool_group_visit_end(group);
    return status;
}

enum pool_status pool_group_go(struct pool_group *group, pool_group_task *run, void *arg,
                               struct pool_group_slot *slot)
{
    struct item wanted = {.group = group, .run = run, .arg = arg, .slot = slot};
    return go(group, &wanted, AS_LONG_AS_IT_TAKES);
}

enum pool_status pool_group_try(struct pool_group *group, pool_group_task *run, void *arg,
                                struct pool_group_slot *slot)
{
    struct item wanted = {.group = group, .run = run, .arg = arg, .slot = slot};
    return go(group, &wanted, NOT_AT_ALL);
}

/* --- create ------------------------------------------------------------------------------------------- */

enum pool_status pool_group_create(struct pool_group **group, const struct pool_group_options *options)
{
    if (!group)
        return POOL_INVALID;
    *group = NULL;
    if (!options || options->limit == 0 || options->on_failure > POOL_GROUP_GO_ON)
        return POOL_INVALID;
    struct pool_group *made = calloc(1, sizeof *made);
    if (!made)
        return POOL_NO_MEMORY;
    made->pool = options->pool;
    made->on_failure = options->on_failure;
    made->discard = options->discard;
    made->on_cancel = options->on_cancel;
    made->context = options->context;
    made->counts.limit = options->limit;
    lock_init(&made->lock);
    bell_init(&made->room, &made->lock);
    bell_init(&made->over, &made->lock);
    bell_init(&made->work, &made->lock);
    bell_init(&made->gone, &made->lock);
    *group = made;
    return POOL_OK;
}

enum pool_status pool_group_set_limit(struct pool_group *group, size_t limit)
{
    if (!group || limit == 0)
        return POOL_INVALID;
    lock_take(&group->lock);
    group->counts.limit = limit;
    bell_ring_all(&group->room);
    lock_drop(&group->lock);
    return POOL_OK;
}
