/* calls.c - see calls.h. */
#include "calls.h"

/* --- items and queues ----------------------------------------------------------------------------------- */

static char items[ITEMS];

void *item(int number)
{
    return &items[number];
}

int item_number(const void *item)
{
    return (int)((const char *)item - items);
}

int items_try(struct queue *queue, int first)
{
    int count = 0;

    while (count < UNBOUNDED && queue_try_put(queue, item(first + count)) == QUEUE_OK)
        count++;
    return count;
}

void check_bounded(int count)
{
    CHECK_THAT(count < UNBOUNDED, CLASS_OVERLOAD,
               "a queue made for %d items took %d, and would have taken more: nothing bounds it", CAPACITY,
               count);
}

int items_fill(struct queue *queue, int first)
{
    int count = items_try(queue, first);

    check_bounded(count);
    return count;
}

void items_take(struct queue *queue, int first, int count)
{
    void *item = NULL;

    for (int i = first; i < first + count; i++) {
        CHECK_THAT(queue_take(queue, &item) == QUEUE_OK, CLASS_LOST_TASK,
                   "item %d was put in and never came out", i);
        CHECK_THAT(item_number(item) == i, CLASS_WRONG_ORDER, "item %d came out where item %d was due",
                   item_number(item), i);
    }
}

/* --- calls ---------------------------------------------------------------------------------------------- */

enum queue_status call_put(struct call *call)
{
    return queue_put(call->queue, call->item);
}

enum queue_status call_put_until(struct call *call)
{
    return queue_put_until(call->queue, call->item, &call->deadline);
}

enum queue_status call_take(struct call *call)
{
    return queue_take(call->queue, &call->item);
}

struct call call_of(call_run *run, struct queue *queue, void *item)
{
    return (struct call){.run = run, .queue = queue, .item = item};
}

static void *call_main(void *arg)
{
    struct call *call = arg;

    call->status = call->run(call);
    tally_add(&call->returned, 1);
    return NULL;
}

void call_start(struct call *call)
{
    pthread_create(&call->thread, NULL, call_main, call);
}

void calls_start_in_order(struct call *calls, int count)
{
    for (int i = 0; i < count; i++) {
        call_start(&calls[i]);
        check_settle();
    }
}

void calls_join(struct call *calls, int count)
{
    for (int i = 0; i < count; i++)
        pthread_join(calls[i].thread, NULL);
}

int calls_returned(const struct call *calls, int count)
{
    int returned = 0;

    check_settle();
    for (int i = 0; i < count; i++)
        returned += tally_read(&calls[i].returned);
    return returned;
}

void calls_finish(struct call *calls, int count, const char *since)
{
    int returned = calls_returned(calls, count);

    if (returned < count)
        CHECK_FAIL(CLASS_LOST_WAKEUP, "%s, and of the %d that waited for it %d still sleep%s, for ever",
                   since, count, count - returned, count - returned == 1 ? "s" : "");
    calls_join(calls, count);
}

static const char *status_name(enum queue_status status)
{
    static const char *const names[] = {"QUEUE_OK", "QUEUE_FULL", "QUEUE_TIMED_OUT", "QUEUE_CLOSED"};
    return (unsigned)status < sizeof names / sizeof names[0] ? names[status] : "something else";
}

void calls_still_wait(const struct call *calls, int count, const char *so_far)
{
    if (calls_returned(calls, count) == 0)
        return;
    for (int i = 0; i < count; i++)
        CHECK_THAT(tally_read(&calls[i].returned) == 0, CLASS_WRONG_RESULT,
                   "%s; %s should sleep on, and %s answered %s", so_far, count == 1 ? "it" : "they",
                   count == 1 ? "it" : "one of them", status_name(calls[i].status));
}

void check_status(enum queue_status got, enum queue_status want, const char *what)
{
    CHECK_THAT(got == want, CLASS_WRONG_RESULT, "%s answered %s, not %s", what, status_name(got),
               status_name(want));
}
