/* queue.h - a queue with a bound, between threads that put and threads that take. Yours to write, in queue.c.
 *
 *     struct queue *orders = queue_create(64);
 *     if (queue_try_put(orders, cake) == QUEUE_FULL) ...       // the caller decides what a full queue means
 *     while (queue_take(orders, &item) == QUEUE_OK) ...        // ends when it is closed and empty
 *
 * First in, first out. Any thread may call any function but create and destroy. Items are pointers that the
 * queue hands on and never looks at; who got QUEUE_OK from a put has given his item away, who got anything
 * else still has it.
 */
#ifndef QUEUE_H
#define QUEUE_H

#include <stddef.h>
#include <time.h>

struct queue;

enum queue_status {
    QUEUE_OK,
    QUEUE_FULL,      /* no room now */
    QUEUE_TIMED_OUT, /* no room until the deadline */
    QUEUE_CLOSED     /* put: it takes nothing any more; take: and nothing is left in it */
};

/* A queue with room for CAPACITY items (at least 1), or NULL when memory is out. */
struct queue *queue_create(size_t capacity);

/* Put an item at the end; while the queue is full, wait. QUEUE_OK or QUEUE_CLOSED. */
enum queue_status queue_put(struct queue *queue, void *item);

/* Put an item if there is room now. QUEUE_OK, QUEUE_FULL or QUEUE_CLOSED. Never waits for room. */
enum queue_status queue_try_put(struct queue *queue, void *item);

/* Like queue_put, but wait no longer than until DEADLINE, a moment of CLOCK_MONOTONIC: then QUEUE_TIMED_OUT.
 * A deadline that has already passed still tries once. */
enum queue_status queue_put_until(struct queue *queue, void *item, const struct timespec *deadline);

/* Take the oldest item; while the queue is empty and open, wait. QUEUE_OK, or QUEUE_CLOSED when it is closed
 * and every item has been taken. */
enum queue_status queue_take(struct queue *queue, void **item);

/* How many items are in it: true at some moment during the call. */
size_t queue_length(struct queue *queue);

/* From now on take no more items. Whoever waits in a put or a take must not wait any longer. A second call
 * changes nothing. */
void queue_close(struct queue *queue);

/* Give the queue's memory back, not that of items still in it. Nobody else may be using the queue. */
void queue_destroy(struct queue *queue);

#endif
