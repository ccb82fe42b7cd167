/* segments.h - an unbounded queue in pieces, for whoever already holds a lock.
 *
 *     struct pool_segments queue;
 *     pool_segments_init(&queue);
 *     lock_take(&lock);
 *     if (pool_segments_push(&queue, item) != POOL_OK) ...        // out of memory, nothing changed
 *     if (pool_segments_pop(&queue, &item) == POOL_OK) ...
 *     lock_drop(&lock);
 *     pool_segments_release(&queue);
 *
 * The caller's steps, in order: init, push and pop, release. One lock of the caller's guards the whole queue:
 * every function needs it held, or that no other thread knows the queue. One lock and not two, one for each
 * end, because a pool has to look at its phase, its queue and its sleepers at one moment anyway (a shard has
 * two: pool_two_lock.h).
 *
 * First in, first out. A segment holds 255 items in 4,088 bytes, so a long queue takes 16.1 bytes an item
 * with the allocator's own word. Push and pop are a store and a compare but for one in 255, which takes a
 * segment or gives one back; that one calls malloc or free under the caller's lock, unless there is a spare.
 *
 * Memory after a burst: a segment that has been emptied becomes a spare, at most POOL_SEGMENTS_SPARES of
 * them; the others are freed while the queue drains, and an empty queue keeps one segment and the spares, 20
 * KB. pool_segments_trim frees these as well. Freed means given back to malloc; glibc returns it to the
 * system when it lies at the top of the heap, else at malloc_trim.
 */
#ifndef DEEPEND_POOL_SEGMENTS_H
#define DEEPEND_POOL_SEGMENTS_H

#include "item.h"
#include "status.h"
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

enum { POOL_SEGMENT_ITEMS = 255, POOL_SEGMENTS_SPARES = 4 };

struct pool_segment {
    struct pool_segment *next;
    struct pool_item items[POOL_SEGMENT_ITEMS];
};

/* Read `count` under the lock; the rest is the queue's own. */
struct pool_segments {
    size_t count;                      /* items inside */
    struct pool_segment *first, *last; /* popped from, pushed to; both NULL before the first push */
    size_t head, tail;                 /* in `first` the next to pop, in `last` the next to fill */
    struct pool_segment *spares;       /* empty ones, linked */
    size_t spare_count, segment_count; /* of the spares; of all, spares included */
};

/* Allocates nothing: cannot fail. */
void pool_segments_init(struct pool_segments *queue);

/* Free everything. Items that are left are dropped, not called: pop them first. NULL is fine. */
void pool_segments_release(struct pool_segments *queue);

/* See that the next COUNT pushes cannot fail, if no pop or trim comes between: a batch can be taken as a
 * whole or not at all. POOL_OK, or POOL_NO_MEMORY: what had been allocated stays as spares. POOL_INVALID for
 * NULL, or a COUNT above PTRDIFF_MAX / 16. */
POOL_MUST_LOOK enum pool_status pool_segments_reserve(struct pool_segments *queue, size_t count);

/* Free the spares, and the last segment if the queue is empty. NULL is fine. */
void pool_segments_trim(struct pool_segments *queue);

/* Bytes that the queue has from malloc, without malloc's own. 0 for NULL. */
size_t pool_segments_bytes(const struct pool_segments *queue);

/* The slow parts of push and pop: never called by others. */
enum pool_status pool_segments_extend(struct pool_segments *queue);
void pool_segments_retire_first(struct pool_segments *queue);

/* POOL_OK, or POOL_NO_MEMORY and nothing changed. QUEUE is not NULL here and below. */
POOL_MUST_LOOK static inline enum pool_status pool_segments_push(struct pool_segments *queue,
                                                                 struct pool_item item)
{
    if (!queue->last || queue->tail == POOL_SEGMENT_ITEMS) {
        enum pool_status status = pool_segments_extend(queue);
        if (status != POOL_OK)
            return status;
    }
    queue->last->items[queue->tail++] = item;
    queue->count++;
    return POOL_OK;
}

/* POOL_OK, or POOL_EMPTY and *ITEM as it was. The slot is cleared: it keeps no argument alive (X51). */
POOL_MUST_LOOK static inline enum pool_status pool_segments_pop(struct pool_segments *queue,
                                                                struct pool_item *item)
{
    if (queue->count == 0)
        return POOL_EMPTY;
    struct pool_item *slot = &queue->first->items[queue->head++];
    *item = *slot;
    slot->run = 0;
    slot->arg = 0;
    queue->count--;
    if (queue->count == 0 || queue->head == POOL_SEGMENT_ITEMS)
        pool_segments_retire_first(queue);
    return POOL_OK;
}

/* Pop up to COUNT items into ITEMS. Returns how many. */
size_t pool_segments_pop_some(struct pool_segments *queue, struct pool_item *items, size_t count);

#ifdef __cplusplus
}
#endif

#endif
