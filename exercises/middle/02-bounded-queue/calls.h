/* calls.h - calls of the queue that may have to wait, each in a thread of its own, and what must become of
 * them.
 *
 *     struct call puts[] = {call_of(call_put, queue, item(3)), call_of(call_put, queue, item(4))};
 *     calls_start_in_order(puts, 2);
 *     calls_still_wait(puts, 2, "2 puts came to the full queue");
 *     ...
 *     calls_finish(puts, 2, "2 items were taken out");      // fails unless both return
 */
#ifndef CALLS_H
#define CALLS_H

#include "../../../grader/check/check.h"
#include "queue.h"

#include <pthread.h>

/* --- items and queues ----------------------------------------------------------------------------------- */

enum { CAPACITY = 3, UNBOUNDED = 100, ITEMS = 128 };

/* Items to put; only their addresses matter. NUMBER is below ITEMS. */
void *item(int number);
int item_number(const void *item);

/* Put items from number FIRST on while there is room, and no more than would fill any queue; how many went
 * in? items_fill also fails, as overload, when there was no end. */
int items_try(struct queue *queue, int first);
int items_fill(struct queue *queue, int first);
void check_bounded(int count);

/* Take COUNT items, the first of which is number FIRST. */
void items_take(struct queue *queue, int first, int count);

/* --- calls ---------------------------------------------------------------------------------------------- */

struct call;
typedef enum queue_status call_run(struct call *call);

struct call {
    call_run *run;
    struct queue *queue;
    void *item; /* to put, or what was taken */
    struct timespec deadline;
    enum queue_status status; /* to be read after the join, as is a taken item */
    struct tally returned;
    pthread_t thread;
};

call_run call_put, call_put_until, call_take;

struct call call_of(call_run *run, struct queue *queue, void *item);

void call_start(struct call *call);
void calls_join(struct call *calls, int count);

/* Start COUNT calls: each sleeps, or has returned, before the next one begins. */
void calls_start_in_order(struct call *calls, int count);

/* How many have returned, now that nothing can move any more? */
int calls_returned(const struct call *calls, int count);

/* SINCE has happened, and all should return: join them, or fail as lost-wakeup. */
void calls_finish(struct call *calls, int count, const char *since);

/* SO_FAR has happened, and none should have returned. */
void calls_still_wait(const struct call *calls, int count, const char *so_far);

/* Fail unless GOT is WANT; WHAT is who answered. */
void check_status(enum queue_status got, enum queue_status want, const char *what);

#endif
