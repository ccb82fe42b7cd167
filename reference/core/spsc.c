/* spsc.c - the two-index buffer behind spsc.h.
 *
 * An index runs from 0 to twice the capacity and begins again: the slot is the index, less the capacity if it
 * is not below that, and full (a capacity apart) differs from empty (equal). So nothing can overflow. Each
 * index has one writer; its release tells the other side that the slot has been written, or cleared.
 */
#include "spsc.h"

#include <stdalign.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>

struct pool_spsc {
    /* fixed after create */
    size_t capacity;
    /* the producer's */
    alignas(POOL_APART) atomic_size_t tail; /* written by it alone */
    size_t head_seen;
    /* the consumer's */
    alignas(POOL_APART) atomic_size_t head; /* written by it alone */
    size_t tail_seen;
    alignas(POOL_APART) struct pool_item slots[];
};

static struct pool_item *slot_of(struct pool_spsc *line, size_t index)
{
    return &line->slots[index < line->capacity ? index : index - line->capacity];
}

static size_t index_after(const struct pool_spsc *line, size_t index)
{
    return index + 1 == 2 * line->capacity ? 0 : index + 1;
}

static size_t items_between(const struct pool_spsc *line, size_t head, size_t tail)
{
    return tail >= head ? tail - head : tail + 2 * line->capacity - head;
}

enum pool_status pool_spsc_push(struct pool_spsc *line, struct pool_item item)
{
    if (!line)
        return POOL_INVALID;
    size_t tail = atomic_load_explicit(&line->tail, memory_order_relaxed);
    if (items_between(line, line->head_seen, tail) == line->capacity) {
        line->head_seen = atomic_load_explicit(&line->head, memory_order_acquire);
        if (items_between(line, line->head_seen, tail) == line->capacity)
            return POOL_FULL;
    }
    *slot_of(line, tail) = item;
    atomic_store_explicit(&line->tail, index_after(line, tail), memory_order_release);
    return POOL_OK;
}

enum pool_status pool_spsc_pop(struct pool_spsc *line, struct pool_item *item)
{
    if (!line || !item)
        return POOL_INVALID;
    size_t head = atomic_load_explicit(&line->head, memory_order_relaxed);
    if (head == line->tail_seen) {
        line->tail_seen = atomic_load_explicit(&line->tail, memory_order_acquire);
        if (head == line->tail_seen)
            return POOL_EMPTY;
    }
    struct pool_item *slot = slot_of(line, head);
    *item = *slot;
    *slot = (struct pool_item){0};
    atomic_store_explicit(&line->head, index_after(line, head), memory_order_release);
    return POOL_OK;
}

enum pool_status pool_spsc_create(struct pool_spsc **line, size_t capacity)
{
    if (!line)
        return POOL_INVALID;
    *line = NULL;
    if (capacity < 1 || capacity > PTRDIFF_MAX / 64)
        return POOL_INVALID;
    size_t bytes = sizeof(struct pool_spsc) + capacity * sizeof(struct pool_item);
    struct pool_spsc *made = aligned_alloc(POOL_APART, (bytes + POOL_APART - 1) / POOL_APART * POOL_APART);
    if (!made)
        return POOL_NO_MEMORY;
    made->capacity = capacity;
    atomic_init(&made->tail, 0);
    atomic_init(&made->head, 0);
    made->head_seen = made->tail_seen = 0;
    *line = made;
    return POOL_OK;
}

void pool_spsc_destroy(struct pool_spsc *line)
{
    free(line);
}
