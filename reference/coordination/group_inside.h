/* group_inside.h - what group.c and group_end.c share: a group's fields and the way of one task through it.
 *
 * Private to this room. A task ("item") is in the group's list until somebody claims it: a worker of the pool
 * or of the group, a waiting thread that helps, or a cancel. The claim is an atomic of the item and not the
 * group's lock: a pool may come to an item long after its group was cancelled and freed, and whoever loses
 * the claim never touches the group. Whoever wins it settles the item; the group waits for that.
 */
#ifndef DEEPEND_POOL_GROUP_INSIDE_H
#define DEEPEND_POOL_GROUP_INSIDE_H

#include "group.h"
#include "pool.h"
#include "pool_monitor.h"
#include "scope.h"
#include <stdatomic.h>

struct item {
    struct pool_job job; /* first: the pool's functions get a pointer to it */

    /* Fixed after create. */
    struct pool_group *group;
    pool_group_task *run;
    void *arg;
    struct pool_group_slot *slot;

    /* Atomic: acquire and release, so that whoever frees it comes after everybody else's last look. */
    atomic_bool claimed;
    atomic_int holders; /* the group, and the pool while it may still call; the last one frees */

    /* Guarded by the group's lock. */
    struct item *before, *behind;
};

/* A thread of the group's own. */
struct runner {
    pthread_t thread;
    struct runner *next;
};

struct pool_group {
    /* Fixed after create. */
    struct pool *pool;
    enum pool_group_on_failure on_failure;
    void (*discard)(void *arg);
    void (*on_cancel)(void *context);
    void *context;

    atomic_bool cancelled; /* written under lock; atomic because a running task reads it without */

    struct lock lock; /* the only one; no callback and no call of the pool's is ever made under it */

    /* Guarded by lock. */
    struct pool_group_counts counts;
    size_t unfinished; /* accepted and not settled: what the limit limits */
    size_t busy;       /* threads in on_cancel or discard for a cancel */
    size_t visitors;   /* threads inside go, wait, cancel: the group must outlive them */
    struct item *first, *last;
    enum pool_status outcome; /* what first went otherwise; POOL_OK: nothing did */
    int error;                /* the first failure's, if outcome is POOL_FAILED */
    bool closing;             /* the runners shall leave */
    size_t idle;              /* runners that have no item */
    struct runner *runners;
    struct bell room; /* slept at by go until: unfinished < limit, or cancelled */
    struct bell over; /* slept at by wait until: unfinished and busy are 0 */
    struct bell work; /* slept at by runners until: an item waits, or closing */
    struct bell gone; /* slept at by destroy until: unfinished, busy and visitors are 0 */
};

bool pool_group_claim(struct item *item);
void pool_group_drop_item(struct item *item);
void pool_group_unlink_locked(struct item *item);

/* Run an item that this thread has claimed, letting go of the lock meanwhile; settle it. */
void pool_group_run_locked(struct item *item);

/* Run one item that the pool has not begun, letting go of the lock. False: there is none. */
bool pool_group_help_locked(struct pool_group *group);

/* The end of an item, however it came: count it, fill its slot, tell who waits. */
void pool_group_settle_locked(struct item *item, enum pool_status status, int error);

/* Remember what first went otherwise. */
void pool_group_note_locked(struct pool_group *group, enum pool_status status, int error);

/* The cancel: lets go of the lock for the callbacks. */
void pool_group_cancel_locked(struct pool_group *group);

void pool_group_visit_begin(struct pool_group *group); /* takes the lock */
void pool_group_visit_end(struct pool_group *group);   /* drops it; the visitor's last touch */

/* Ring for whoever waits for what has just become true. */
void pool_group_look_locked(struct pool_group *group);

#endif
