/* pool_queue.h - the jobs that wait: a ring with a fixed number of slots, or segments without end. Private to
 * this room.
 *
 * First in, first out. The queue knows nothing of threads: the pool's lock guards it. In the ring `head` is
 * the oldest job; the `count` jobs follow it and wrap round at the end of `slots`. A slot that is taken is
 * cleared: an argument that its task lost must not look alive to a leak checker because a free slot still
 * points to it (X51).
 */
#ifndef DEEPEND_POOL_QUEUE_H
#define DEEPEND_POOL_QUEUE_H

#include "pool.h"
#include "segments.h"
#include <assert.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>

struct queue {
    size_t count;
    size_t capacity; /* 0: unbounded, then the segments hold the jobs, else the slots */
    struct pool_item *slots;
    size_t head;
    unsigned long long pushed; /* ever: the oldest job was push number pushed - count */
    struct pool_segments segments;
};

static inline bool queue_capacity_is_valid(size_t capacity)
{
    return capacity > 0 && capacity <= PTRDIFF_MAX / sizeof(struct pool_item);
}

/* CAPACITY 0: unbounded, allocates nothing yet. False: out of memory. */
static inline bool queue_init(struct queue *queue, size_t capacity)
{
    *queue = (struct queue){.capacity = capacity};
    pool_segments_init(&queue->segments);
    if (capacity > 0)
        queue->slots = calloc(capacity, sizeof *queue->slots);
    return capacity == 0 || queue->slots;
}

static inline void queue_release(struct queue *queue)
{
    pool_segments_release(&queue->segments);
    free(queue->slots);
}

static inline bool queue_is_full(const struct queue *queue)
{
    return queue->capacity > 0 && queue->count == queue->capacity;
}

static inline bool queue_is_empty(const struct queue *queue)
{
    return queue->count == 0;
}

static inline size_t queue_room(const struct queue *queue)
{
    return queue->capacity > 0 ? queue->capacity - queue->count : SIZE_MAX;
}

/* Not when it is full. POOL_OK, or POOL_NO_MEMORY from an unbounded one. */
static inline enum pool_status queue_push(struct queue *queue, struct pool_item job)
{
    assert(!queue_is_full(queue));
    if (queue->capacity > 0) {
        size_t to_end = queue->capacity - queue->head;
        queue->slots[queue->count < to_end ? queue->head + queue->count : queue->count - to_end] = job;
    } else if (pool_segments_push(&queue->segments, job) != POOL_OK) {
        return POOL_NO_MEMORY;
    }
    queue->count++;
    queue->pushed++;
    return POOL_OK;
}

static inline struct pool_item queue_pop(struct queue *queue)
{
    struct pool_item job = {0};

    assert(!queue_is_empty(queue));
    if (queue->capacity > 0) {
        job = queue->slots[queue->head];
        queue->slots[queue->head] = (struct pool_item){0};
        queue->head = queue->head + 1 == queue->capacity ? 0 : queue->head + 1;
    } else {
        enum pool_status popped = pool_segments_pop(&queue->segments, &job);
        assert(popped == POOL_OK);
        (void)popped;
    }
    queue->count--;
    return job;
}

#endif
