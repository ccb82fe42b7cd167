/* pool_queue.h - a ring of jobs with a fixed number of slots. Private to this room.
 *
 * First in, first out. The queue knows nothing of threads: the pool's lock guards it. `head` is the oldest
 * job; the `count` jobs follow it and wrap round at the end of `slots`. A slot that is taken is cleared:
 * an argument that its task lost must not look alive to a leak checker because a free slot still points to
 * it.
 */
#ifndef DEEPEND_POOL_QUEUE_H
#define DEEPEND_POOL_QUEUE_H

#include "pool.h"
#include <assert.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>

struct ticket;

struct job {
    pool_task *run;
    void *arg;
    struct ticket *ticket; /* on the stack of the thread that waits for this job; NULL if nobody does */
};

struct queue {
    struct job *slots;
    size_t capacity;
    size_t head;
    size_t count;
};

static inline bool queue_capacity_is_valid(size_t capacity)
{
    return capacity > 0 && capacity <= PTRDIFF_MAX / sizeof(struct job);
}

/* False: out of memory. */
static inline bool queue_init(struct queue *queue, size_t capacity)
{
    *queue = (struct queue){.slots = calloc(capacity, sizeof(struct job)), .capacity = capacity};
    return queue->slots != NULL;
}

static inline void queue_release(struct queue *queue)
{
    free(queue->slots);
}

static inline bool queue_is_full(const struct queue *queue)
{
    return queue->count == queue->capacity;
}

static inline bool queue_is_empty(const struct queue *queue)
{
    return queue->count == 0;
}

static inline void queue_push(struct queue *queue, struct job job)
{
    assert(!queue_is_full(queue));
    size_t to_end = queue->capacity - queue->head;
    size_t slot = queue->count < to_end ? queue->head + queue->count : queue->count - to_end;
    queue->slots[slot] = job;
    queue->count++;
}

static inline struct job queue_pop(struct queue *queue)
{
    assert(!queue_is_empty(queue));
    struct job job = queue->slots[queue->head];
    queue->slots[queue->head] = (struct job){0};
    queue->head = queue->head + 1 == queue->capacity ? 0 : queue->head + 1;
    queue->count--;
    return job;
}

#endif
