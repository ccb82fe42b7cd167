/* waitline.h - threads that wait in the order in which they came, each at a bell of its own. Private to this
 * room.
 *
 *     struct waiter me;
 *     waitline_join(&line, &me, &lock);
 *     status = waitline_wait(&line, &me, deadline);   // POOL_OK: served; else it has left the line
 *
 * One bell for each waiter, so that whoever serves the first wakes the first and nobody else. All under the
 * one lock of the module that owns the line. A waiter lies on its thread's stack: it must not be touched
 * after the lock under which it was answered has been dropped.
 */
#ifndef DEEPEND_POOL_WAITLINE_H
#define DEEPEND_POOL_WAITLINE_H

#include "pool_monitor.h"
#include "status.h"

struct waiter {
    struct waiter *next;
    bool answered;
    enum pool_status answer;
    struct bell bell; /* slept at until: answered */
};

struct waitline {
    struct waiter *first, *last;
    size_t count;
};

static inline void waitline_join(struct waitline *line, struct waiter *waiter, struct lock *lock)
{
    assert(lock_is_mine(lock));
    *waiter = (struct waiter){.answered = false};
    bell_init(&waiter->bell, lock);
    if (line->last)
        line->last->next = waiter;
    else
        line->first = waiter;
    line->last = waiter;
    line->count++;
}

static inline void waitline_remove(struct waitline *line, struct waiter *waiter)
{
    struct waiter *before = NULL, *at = line->first;

    for (; at != waiter; at = at->next)
        before = at;
    if (before)
        before->next = waiter->next;
    else
        line->first = waiter->next;
    if (line->last == waiter)
        line->last = before;
    line->count--;
}

/* Take the first out of the line and wake it with ANSWER. There must be one. */
static inline void waitline_answer_first(struct waitline *line, enum pool_status answer)
{
    struct waiter *first = line->first;

    waitline_remove(line, first);
    first->answer = answer;
    first->answered = true;
    bell_ring(&first->bell);
}

/* Sleep until answered or until DEADLINE. An answer that comes with the deadline counts. */
static inline enum pool_status waitline_wait(struct waitline *line, struct waiter *waiter,
                                             const struct timespec *deadline)
{
    int late = 0;

    while (!waiter->answered && !late)
        late = bell_wait(&waiter->bell, deadline);
    if (!waiter->answered) {
        waitline_remove(line, waiter);
        waiter->answer = POOL_TIMED_OUT;
    }
    bell_release(&waiter->bell);
    return waiter->answer;
}

#endif
