/* check.c - is the queue bounded, does everybody who waits get on when he can, and nobody when he cannot?
 *
 * Threads are put to sleep in the queue first (check_settle says when nothing else can move), then the one
 * thing happens that must, or must not, wake them. The awkward moments come from staged.h.
 */
#include "calls.h"
#include "check.h"
#include "orders.h"
#include "queue.h"
#include "staged.h"

enum { STREAM = 60, HOUR = 3600 };

static const struct timespec long_ago = {1, 0};

/* An hour from now; or half of the time for which the machine has been running, if that is less: a number of
 * seconds that is taken for a moment is then always one in the past. */
static struct timespec far_away(void)
{
    struct timespec moment;

    clock_gettime(CLOCK_MONOTONIC, &moment);
    moment.tv_sec += moment.tv_sec / 2 < HOUR ? moment.tv_sec / 2 : HOUR;
    return moment;
}

/* --- bound -------------------------------------------------------------------------------------------- */

static enum queue_status try_all(struct call *call)
{
    items_try(call->queue, 0);
    return QUEUE_OK;
}

static void bound(void)
{
    struct queue *queue = queue_create(CAPACITY);
    struct call filler = call_of(try_all, queue, NULL);
    int next = 0;

    call_start(&filler);
    CHECK_THAT(calls_returned(&filler, 1) == 1, CLASS_DEADLOCK,
               "a try on the full queue waits for room: it should have answered QUEUE_FULL");
    calls_join(&filler, 1);
    check_bounded((int)queue_length(queue));
    CHECK_INT(queue_length(queue), CAPACITY, "the length of a full queue made for %d items", CAPACITY);
    for (int round = 0; round < 4; round++) {
        items_take(queue, next, 2);
        next += 2;
        CHECK_INT(items_fill(queue, next + CAPACITY - 2), 2,
                  "2 items were taken out; how many found room then");
    }
    items_take(queue, next, CAPACITY);
    CHECK_INT(queue_length(queue), 0, "the length of the empty queue");
    queue_destroy(queue);
}

/* --- wake-up ------------------------------------------------------------------------------------------ */

static void wake_puts(void)
{
    struct queue *queue = queue_create(CAPACITY);
    int full = items_fill(queue, 0);
    struct call puts[] = {call_of(call_put, queue, item(full)), call_of(call_put, queue, item(full + 1))};

    calls_start_in_order(puts, 2);
    calls_still_wait(puts, 2, "2 puts came to the full queue");
    items_take(queue, 0, 1);
    CHECK_THAT(calls_returned(puts, 2) == 1, CLASS_LOST_WAKEUP,
               "2 puts waited for room, one item was taken out, and not exactly one put went on");
    items_take(queue, 1, 1);
    calls_finish(puts, 2, "2 items were taken out of the full queue, one after the other");
    items_take(queue, 2, full);
    queue_destroy(queue);
}

/* Two slots become free before the first put that was woken gets going. */
static void wake_puts_late(void)
{
    struct queue *queue = queue_create(CAPACITY);
    int full = items_fill(queue, 0);
    struct call puts[] = {call_of(call_put, queue, item(full)), call_of(call_put, queue, item(full + 1))};

    calls_start_in_order(puts, 2);
    staged_hold();
    items_take(queue, 0, 2);
    staged_release();
    calls_finish(puts, 2, "2 items were taken out of the full queue, in quick succession");
    queue_destroy(queue);
}

/* Two items come before the first take that was woken gets going. */
static void wake_takes_late(void)
{
    struct queue *queue = queue_create(CAPACITY);
    struct call takes[] = {call_of(call_take, queue, NULL), call_of(call_take, queue, NULL)};

    calls_start_in_order(takes, 2);
    calls_still_wait(takes, 2, "2 takes came to the empty queue");
    staged_hold();
    queue_put(queue, item(0));
    queue_put(queue, item(1));
    staged_release();
    calls_finish(takes, 2, "2 items were put into the empty queue, in quick succession");
    CHECK_INT(item_number(takes[0].item) + item_number(takes[1].item), 1, "the sum of items 0 and 1");
    queue_destroy(queue);
}

/* In a queue for one, two takes wait; an item comes, and before the take that was woken gets going, a put
 * finds the queue full. Now both kinds wait at once, and what that take signals must reach the put. */
static void wake_the_right_kind(void)
{
    struct queue *queue = queue_create(1);
    struct call calls[] = {call_of(call_take, queue, NULL), call_of(call_take, queue, NULL),
                           call_of(call_put, queue, item(1))};

    calls_start_in_order(calls, 2);
    staged_hold();
    queue_put(queue, item(0));
    calls_start_in_order(&calls[2], 1);
    staged_release();
    CHECK_THAT(
        calls_returned(calls, 3) == 3, CLASS_LOST_WAKEUP,
        "a take made room while another take and a put were waiting, and its signal woke the take, which had "
        "no use for it: the queue is empty, and the put sleeps on");
    calls_join(calls, 3);
    queue_destroy(queue);
}

static void wake_up(void)
{
    if (orders_are_explored()) {
        orders_wake_up();
        return;
    }
    wake_puts();
    wake_puts_late();
    wake_takes_late();
    wake_the_right_kind();
}

/* --- look-again --------------------------------------------------------------------------------------- */

static void false_alarm(void)
{
    struct queue *queue = queue_create(CAPACITY), *empty = queue_create(CAPACITY);
    int full = items_fill(queue, 0);
    struct call puts[] = {call_of(call_put, queue, item(full))};
    struct call takes[] = {call_of(call_take, empty, NULL)};

    calls_start_in_order(puts, 1);
    calls_start_in_order(takes, 1);
    staged_false_alarm();
    calls_still_wait(puts, 1, "a waiting put woke for no reason, as threads may, and there was no room");
    calls_still_wait(takes, 1, "a waiting take woke for no reason, as threads may, and there was no item");
    items_take(queue, 0, 1);
    queue_put(empty, item(0));
    calls_finish(puts, 1, "room was made");
    calls_finish(takes, 1, "an item was put in");
    queue_destroy(queue);
    queue_destroy(empty);
}

/* The item that a take was woken for has gone to somebody quicker. */
static void robbed(void)
{
    struct queue *queue = queue_create(CAPACITY);
    struct call takes[] = {call_of(call_take, queue, NULL)};

    calls_start_in_order(takes, 1);
    staged_hold();
    queue_put(queue, item(0));
    items_take(queue, 0, 1);
    staged_release();
    calls_still_wait(takes, 1, "a take was woken for an item that another thread took first");
    queue_put(queue, item(1));
    calls_finish(takes, 1, "another item was put in");
    CHECK_INT(item_number(takes[0].item), 1, "the number of the item that it got in the end");
    queue_destroy(queue);
}

static void look_again(void)
{
    if (orders_are_explored()) {
        orders_look_again();
        return;
    }
    robbed();
    false_alarm();
}

/* --- deadline ----------------------------------------------------------------------------------------- */

static void deadline_past(void)
{
    struct queue *queue = queue_create(CAPACITY);

    check_status(queue_put_until(queue, item(0), &long_ago), QUEUE_OK,
                 "there was room, and the deadline had passed: the put should still try, and");
    int full = 1 + items_fill(queue, 1);
    check_status(queue_put_until(queue, item(full), &long_ago), QUEUE_TIMED_OUT,
                 "there was no room and the deadline had passed: the put");
    CHECK_INT(queue_length(queue), full, "the length after a put that timed out");
    queue_destroy(queue);
}

/* A full queue, and a timed put that has come to it. */
static int timed_put_waits(struct call *call)
{
    int full;

    *call = (struct call){.run = call_put_until, .queue = queue_create(CAPACITY), .deadline = far_away()};
    full = items_fill(call->queue, 0);
    call->item = item(full);
    calls_start_in_order(call, 1);
    calls_still_wait(call, 1, "a put came to the full queue, its deadline far away");
    return full;
}

static void deadline_far(void)
{
    struct call call;
    int full = timed_put_waits(&call);

    staged_false_alarm();
    calls_still_wait(&call, 1,
                     "a waiting put, its deadline far away, woke for no reason, and there was no room");
    items_take(call.queue, 0, 1);
    calls_finish(&call, 1, "room was made before a put's deadline");
    check_status(call.status, QUEUE_OK, "room was made before its deadline: the put");
    items_take(call.queue, 1, full);
    queue_destroy(call.queue);
}

static void deadline_comes(void)
{
    struct call call;
    int full = timed_put_waits(&call);

    staged_time_passes();
    calls_finish(&call, 1, "a put's deadline came");
    check_status(call.status, QUEUE_TIMED_OUT, "the deadline came and there was no room: the put");
    items_take(call.queue, 0, full);
    CHECK_INT(queue_length(call.queue), 0,
              "the length, once everything is out that went in before the deadline");
    queue_destroy(call.queue);
}

static void deadline_closed(void)
{
    struct call call;

    timed_put_waits(&call);
    queue_close(call.queue);
    calls_finish(&call, 1, "the queue was closed before a put's deadline");
    check_status(call.status, QUEUE_CLOSED, "the queue was closed before its deadline: the put");
    queue_destroy(call.queue);
}

static void deadline(void)
{
    if (orders_are_explored()) {
        orders_deadline();
        return;
    }
    deadline_past();
    deadline_far();
    deadline_comes();
    deadline_closed();
}

/* --- close -------------------------------------------------------------------------------------------- */

static void close_empty(void)
{
    struct queue *queue = queue_create(CAPACITY);
    struct call takes[] = {call_of(call_take, queue, NULL), call_of(call_take, queue, NULL)};

    calls_start_in_order(takes, 2);
    queue_close(queue);
    calls_finish(takes, 2, "the empty queue was closed");
    for (int i = 0; i < 2; i++)
        check_status(takes[i].status, QUEUE_CLOSED, "the queue was closed, and empty: the waiting take");
    check_status(queue_put(queue, item(0)), QUEUE_CLOSED, "a put after the close");
    check_status(queue_try_put(queue, item(0)), QUEUE_CLOSED, "a try after the close");
    queue_close(queue);
    queue_destroy(queue);
}

static void close_full(void)
{
    struct queue *queue = queue_create(CAPACITY);
    int full = items_fill(queue, 0);
    struct call puts[] = {call_of(call_put, queue, item(full)), call_of(call_put, queue, item(full + 1))};
    void *item;

    calls_start_in_order(puts, 2);
    queue_close(queue);
    calls_finish(puts, 2, "the full queue was closed");
    for (int i = 0; i < 2; i++)
        check_status(puts[i].status, QUEUE_CLOSED, "the queue was closed, and full: the waiting put");
    items_take(queue, 0, full);
    check_status(queue_take(queue, &item), QUEUE_CLOSED, "the queue was closed, and everything out: a take");
    queue_destroy(queue);
}

static void close_both(void)
{
    close_empty();
    close_full();
}

/* --- together ----------------------------------------------------------------------------------------- */

static enum queue_status put_and_take(struct call *call)
{
    queue_put(call->queue, call->item);
    queue_take(call->queue, &call->item);
    return queue_put(call->queue, call->item);
}

static enum queue_status just_close(struct call *call)
{
    queue_close(call->queue);
    return QUEUE_OK;
}

static enum queue_status try(struct call *call)
{
    return queue_try_put(call->queue, call->item);
}

static enum queue_status length(struct call *call)
{
    queue_length(call->queue);
    return QUEUE_OK;
}

/* Another thread has used the queue, and nothing but the queue's own lock orders that before what this thread
 * does now. */
static void relay(void)
{
    static call_run *const theirs[] = {put_and_take, just_close};
    static call_run *const ours[] = {length, try, call_put, call_put_until, just_close, call_take};

    for (int i = 0; i < 2 * 6; i++) {
        struct queue *queue = queue_create(CAPACITY);
        struct call call = {.run = ours[i / 2], .queue = queue, .item = item(1), .deadline = long_ago};
        struct call other = call_of(theirs[i % 2], queue, item(0));
        call_start(&other);
        tally_await(&other.returned, 1);
        call.run(&call);
        calls_join(&other, 1);
        queue_destroy(queue);
    }
}

static enum queue_status put_stream(struct call *call)
{
    enum queue_status status = QUEUE_OK;

    for (int i = 0; i < STREAM && status == QUEUE_OK; i++)
        status = queue_put(call->queue, item(i));
    return status;
}

static enum queue_status take_stream(struct call *call)
{
    items_take(call->queue, 0, STREAM);
    return QUEUE_OK;
}

/* One thread puts, one takes, and the queue is full before the first take. */
static void stream(void)
{
    struct queue *queue = queue_create(CAPACITY);
    struct call calls[] = {call_of(put_stream, queue, NULL), call_of(take_stream, queue, NULL)};

    calls_start_in_order(calls, 1);
    call_start(&calls[1]);
    calls_join(calls, 2);
    queue_destroy(queue);
}

static void together(void)
{
    relay();
    stream();
}

/* --- tidy --------------------------------------------------------------------------------------------- */

static void tidy(void)
{
    struct queue *queue = queue_create(CAPACITY);

    for (int i = 0; i < 8; i += 2) {
        queue_put(queue, item(i));
        queue_put(queue, item(i + 1));
        items_take(queue, i, 2);
    }
    queue_put(queue, item(0));
    queue_close(queue);
    check_status(queue_put(queue, item(1)), QUEUE_CLOSED, "a put after the close");
    queue_destroy(queue);
}

CHECKS({"bound", bound}, {"wake-up", wake_up}, {"look-again", look_again}, {"deadline", deadline},
       {"close", close_both}, {"together", together}, {"tidy", tidy});
