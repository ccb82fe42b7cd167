/* segments.c - the seldom part of segments.h: where segments come from and where they go.
 *
 * Invariant: `first` to `last` are linked, every one but `last` is filled to its end, and every one but
 * `first` is unread. An empty queue has at most one segment in that line, and begins it again at its start.
 *
 * Not here: locking. The caller's lock is held in every function.
 */
#include "segments.h"

#include <stdint.h>
#include <stdlib.h>

void pool_segments_init(struct pool_segments *queue)
{
    *queue = (struct pool_segments){.count = 0};
}

/* --- spares --------------------------------------------------------------------------------------------- */

static void spare_add(struct pool_segments *queue, struct pool_segment *segment)
{
    segment->next = queue->spares;
    queue->spares = segment;
    queue->spare_count++;
}

static struct pool_segment *spare_take(struct pool_segments *queue)
{
    struct pool_segment *segment = queue->spares;
    queue->spares = segment->next;
    queue->spare_count--;
    return segment;
}

/* One more spare from malloc. Its slots need no value before they are filled. */
static enum pool_status spare_allocate(struct pool_segments *queue)
{
    struct pool_segment *segment = malloc(sizeof *segment);
    if (!segment)
        return POOL_NO_MEMORY;
    queue->segment_count++;
    spare_add(queue, segment);
    return POOL_OK;
}

static void spares_free_down_to(struct pool_segments *queue, size_t kept)
{
    while (queue->spare_count > kept) {
        free(spare_take(queue));
        queue->segment_count--;
    }
}

/* --- the line ------------------------------------------------------------------------------------------- */

enum pool_status pool_segments_extend(struct pool_segments *queue)
{
    if (!queue->spares && spare_allocate(queue) != POOL_OK)
        return POOL_NO_MEMORY;
    struct pool_segment *segment = spare_take(queue);
    segment->next = NULL;
    if (queue->last)
        queue->last->next = segment;
    else
        queue->first = segment;
    queue->last = segment;
    queue->tail = 0;
    return POOL_OK;
}

/* The first segment has been read to its end, or the queue is empty: then it is the only one. */
void pool_segments_retire_first(struct pool_segments *queue)
{
    queue->head = 0;
    if (queue->count == 0) {
        queue->tail = 0;
        return;
    }
    struct pool_segment *emptied = queue->first;
    queue->first = emptied->next;
    spare_add(queue, emptied);
    spares_free_down_to(queue, POOL_SEGMENTS_SPARES);
}

size_t pool_segments_pop_some(struct pool_segments *queue, struct pool_item *items, size_t count)
{
    size_t popped = 0;
    while (popped < count && pool_segments_pop(queue, &items[popped]) == POOL_OK)
        popped++;
    return popped;
}

/* --- memory --------------------------------------------------------------------------------------------- */

enum pool_status pool_segments_reserve(struct pool_segments *queue, size_t count)
{
    if (!queue || count > PTRDIFF_MAX / sizeof(struct pool_item))
        return POOL_INVALID;
    size_t room = queue->last ? POOL_SEGMENT_ITEMS - queue->tail : 0;
    size_t beyond = count > room ? count - room : 0;
    size_t needed = beyond / POOL_SEGMENT_ITEMS + (beyond % POOL_SEGMENT_ITEMS != 0);
    while (queue->spare_count < needed)
        if (spare_allocate(queue) != POOL_OK)
            return POOL_NO_MEMORY;
    return POOL_OK;
}

void pool_segments_trim(struct pool_segments *queue)
{
    if (!queue)
        return;
    if (queue->count == 0 && queue->first) {
        spare_add(queue, queue->first);
        queue->first = queue->last = NULL;
        queue->head = queue->tail = 0;
    }
    spares_free_down_to(queue, 0);
}

void pool_segments_release(struct pool_segments *queue)
{
    if (!queue)
        return;
    while (queue->first) {
        struct pool_segment *segment = queue->first;
        queue->first = segment->next;
        spare_add(queue, segment);
    }
    spares_free_down_to(queue, 0);
    pool_segments_init(queue);
}

size_t pool_segments_bytes(const struct pool_segments *queue)
{
    return queue ? queue->segment_count * sizeof(struct pool_segment) : 0;
}
