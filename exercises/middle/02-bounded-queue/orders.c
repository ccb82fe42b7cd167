/* orders.c - see orders.h. The explorer decides who goes first, and whether a signal or a deadline does; what
 * is asked for here holds in every order.
 */
#include "orders.h"

#include "calls.h"

#include <string.h>

enum { DUE = 10, EARLY = 6, BILLION = 1000000000 };

int orders_are_explored(void)
{
    return strncmp(check_variant(), "explore", strlen("explore")) == 0;
}

/* --- wake-up ------------------------------------------------------------------------------------------ */

static enum queue_status put_one(struct call *call)
{
    check_status(queue_put(call->queue, call->item), QUEUE_OK, "a put");
    return QUEUE_OK;
}

static enum queue_status put_two(struct call *call)
{
    for (int i = 0; i < 2; i++)
        check_status(queue_put(call->queue, item(item_number(call->item) + i)), QUEUE_OK, "a put");
    return QUEUE_OK;
}

/* The items 0 to 3, in any order. */
static enum queue_status take_four(struct call *call)
{
    int taken[4] = {0};

    for (int i = 0; i < 4; i++) {
        call->item = item(ITEMS - 1); /* which nobody puts in */
        check_status(queue_take(call->queue, &call->item), QUEUE_OK, "a take");
        int number = item_number(call->item);
        CHECK_THAT(
            number >= 0 && number < 4 && taken[number]++ == 0, CLASS_WRONG_RESULT,
            "two threads put at the same time, and one of their items was lost: another came out in its "
            "place");
    }
    return QUEUE_OK;
}

/* Run the calls all at once. */
static void rush(struct queue *queue, struct call *calls, int count)
{
    for (int i = 0; i < count; i++)
        call_start(&calls[i]);
    calls_join(calls, count);
    queue_destroy(queue);
}

static void from_empty(void)
{
    struct queue *queue = queue_create(1);
    struct call calls[] = {call_of(put_two, queue, item(0)), call_of(put_two, queue, item(2)),
                           call_of(take_four, queue, NULL)};

    rush(queue, calls, 3);
}

static void from_full(void)
{
    struct queue *queue = queue_create(2);
    struct call calls[] = {call_of(put_one, queue, item(2)), call_of(put_one, queue, item(3)),
                           call_of(take_four, queue, NULL)};

    queue_put(queue, item(0));
    queue_put(queue, item(1));
    rush(queue, calls, 3);
}

void orders_wake_up(void)
{
    from_empty();
    from_full();
}

/* --- look-again --------------------------------------------------------------------------------------- */

static enum queue_status take_one(struct call *call)
{
    call->item = item(ITEMS - 1); /* which nobody puts in */
    return queue_take(call->queue, &call->item);
}

void orders_look_again(void)
{
    struct queue *queue = queue_create(CAPACITY);
    struct call calls[] = {call_of(take_one, queue, NULL), call_of(take_one, queue, NULL),
                           call_of(put_two, queue, item(0))};

    for (int i = 0; i < 3; i++)
        call_start(&calls[i]);
    calls_join(calls, 3);
    for (int i = 0; i < 2; i++)
        check_status(calls[i].status, QUEUE_OK, "2 items for 2 takes: a take");
    CHECK_THAT(item_number(calls[0].item) + item_number(calls[1].item) == 1, CLASS_WRONG_RESULT,
               "items 0 and 1 were put in, and two takes got items %d and %d", item_number(calls[0].item),
               item_number(calls[1].item));
    queue_destroy(queue);
}

/* --- deadline ----------------------------------------------------------------------------------------- */

static struct timespec in_seconds(int seconds)
{
    struct timespec moment;

    clock_gettime(CLOCK_MONOTONIC, &moment);
    moment.tv_sec += seconds;
    return moment;
}

/* Seconds from the moment THEN until now; the explorer's clock stands still while anybody can run. */
static double seconds_since(const struct timespec *then)
{
    struct timespec now = in_seconds(0);
    return (double)(now.tv_sec - then->tv_sec) + (double)(now.tv_nsec - then->tv_nsec) / BILLION;
}

/* After some seconds an item goes out, and at once another comes in. */
static enum queue_status swap(struct call *call)
{
    nanosleep(&(struct timespec){.tv_sec = EARLY}, NULL);
    queue_take(call->queue, &call->item);
    queue_try_put(call->queue, item(ITEMS - 1));
    return QUEUE_OK;
}

static void swapped(void)
{
    struct queue *queue = queue_create(1);
    struct call other = call_of(swap, queue, NULL);
    int full = items_fill(queue, 0);
    struct timespec due = in_seconds(DUE);

    call_start(&other);
    enum queue_status status = queue_put_until(queue, item(full), &due);
    double late = seconds_since(&due);
    if (status == QUEUE_TIMED_OUT)
        CHECK_THAT(late > -0.5 && late < 0.5, CLASS_WRONG_RESULT,
                   "a put was to wait %d seconds at most; it gave up after %.0f", DUE, DUE + late);
    else
        check_status(status, QUEUE_OK, "there was room for a moment, before the deadline: the put");
    calls_join(&other, 1);
    queue_destroy(queue);
}

static void nobody_takes(void)
{
    struct queue *queue = queue_create(1);
    int full = items_fill(queue, 0);
    struct timespec due = in_seconds(DUE);

    check_status(queue_put_until(queue, item(full), &due), QUEUE_TIMED_OUT,
                 "the queue was full and stayed so: the put with a deadline");
    double late = seconds_since(&due);
    CHECK_THAT(late > -0.5 && late < 0.5, CLASS_WRONG_RESULT,
               "a put was to wait %d seconds for room; it gave up after %.0f", DUE, DUE + late);
    queue_destroy(queue);
}

static void too_late_already(void)
{
    struct queue *queue = queue_create(1);
    const struct timespec long_ago = {1, 0};

    check_status(queue_put_until(queue, item(0), &long_ago), QUEUE_OK,
                 "there was room, and the deadline had passed: the put should still try, and");
    queue_destroy(queue);
}

void orders_deadline(void)
{
    too_late_already();
    nobody_takes();
    swapped();
}
