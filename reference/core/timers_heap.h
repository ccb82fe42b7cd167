/* timers_heap.h - timers in the order of their times: a heap of pointers. Private to timers.c.
 *
 * A heap and not a wheel: the order is exact to the nanosecond, an empty queue costs nothing and nobody has
 * to tick, and a pool has some thousands of timers, not millions. Each node has four children, so that the
 * way down is half as long as in a binary heap and a node's children share a cache line or two (D. B.
 * Johnson, "Priority queues with update", 1975). Each timer knows its place, so it can be taken out of the
 * middle.
 *
 * Knows nothing of threads: the timers' lock guards it.
 */
#ifndef DEEPEND_POOL_TIMERS_HEAP_H
#define DEEPEND_POOL_TIMERS_HEAP_H

#include "timers.h"
#include <assert.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { HEAP_CHILDREN = 4, HEAP_LEAST = 16 };

struct heap {
    struct pool_timer **slots; /* slots[i]->place == i + 1; the first is the next to run */
    size_t count, capacity;
};

static inline bool heap_before(const struct pool_timer *a, const struct pool_timer *b)
{
    return a->due < b->due || (a->due == b->due && a->order < b->order);
}

static inline void heap_put(struct heap *heap, size_t index, struct pool_timer *timer)
{
    heap->slots[index] = timer;
    timer->place = index + 1;
}

/* TIMER belongs at INDEX or above. */
static inline void heap_rise(struct heap *heap, size_t index, struct pool_timer *timer)
{
    while (index > 0) {
        size_t parent = (index - 1) / HEAP_CHILDREN;
        if (!heap_before(timer, heap->slots[parent]))
            break;
        heap_put(heap, index, heap->slots[parent]);
        index = parent;
    }
    heap_put(heap, index, timer);
}

/* TIMER belongs at INDEX or below. */
static inline void heap_sink(struct heap *heap, size_t index, struct pool_timer *timer)
{
    for (;;) {
        size_t first = index * HEAP_CHILDREN + 1, least = first;
        if (first >= heap->count)
            break;
        for (size_t child = first + 1; child < first + HEAP_CHILDREN && child < heap->count; child++)
            if (heap_before(heap->slots[child], heap->slots[least]))
                least = child;
        if (!heap_before(heap->slots[least], timer))
            break;
        heap_put(heap, index, heap->slots[least]);
        index = least;
    }
    heap_put(heap, index, timer);
}

/* There must be room. */
static inline void heap_insert(struct heap *heap, struct pool_timer *timer)
{
    assert(heap->count < heap->capacity && timer->place == 0);
    heap_rise(heap, heap->count++, timer);
}

static inline void heap_remove(struct heap *heap, struct pool_timer *timer)
{
    size_t index = timer->place - 1;
    assert(timer->place > 0 && heap->slots[index] == timer);
    timer->place = 0;
    struct pool_timer *last = heap->slots[--heap->count];
    if (last == timer)
        return;
    heap_rise(heap, index, last);
    heap_sink(heap, last->place - 1, last);
}

/* Room for COUNT in all. False: out of memory, and the heap is as it was. */
static inline bool heap_reserve(struct heap *heap, size_t count)
{
    if (count <= heap->capacity)
        return true;
    size_t capacity = heap->capacity ? heap->capacity * 2 : HEAP_LEAST;
    capacity = capacity > count ? capacity : count;
    struct pool_timer **slots =
        capacity <= PTRDIFF_MAX / sizeof *slots ? malloc(capacity * sizeof *slots) : NULL;
    if (!slots)
        return false;
    if (heap->count > 0)
        memcpy(slots, heap->slots, heap->count * sizeof *slots);
    free(heap->slots);
    heap->slots = slots;
    heap->capacity = capacity;
    return true;
}

#endif
