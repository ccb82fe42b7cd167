/* deque.c - the indices, the arrays and the memory orders behind deque.h.
 *
 *        top                    bottom
 *         v                       v
 *     ... [ oldest | ... | newest ]          indices only grow; an index's slot is its low bits
 *       steal: top + 1       push: bottom + 1, pop: bottom - 1
 *
 * The danger is the last item, which the owner and a thief may both want. The owner announces that it takes
 * index b (stores bottom = b) and only then looks at top; a thief looks at top and only then at bottom. All
 * four are seq_cst, so there is one order of them all. If the owner still sees top < b, its announcement
 * comes before the step of top to b, so a thief that has seen that step also sees the announcement, and
 * leaves the item alone. If the owner sees top == b, both go through the compare-and-swap on top, which one
 * of them wins.
 *
 * Cost, against a fence between the same accesses: on x86 a seq_cst store is an xchg where a fence is an
 * mfence or a locked or, and a seq_cst load is an ordinary one, so pop pays the same and steal less; on ARMv8
 * they are stlr and ldar, and no dmb. What is given up: on some machines (POWER) a seq_cst load has a barrier
 * of its own, so that a thief pays for two.
 *
 * A thief reads the slot before it knows that the item is its own. If the owner meanwhile overwrites the
 * slot, top has moved, the compare-and-swap fails and the torn words are thrown away; that they may be torn
 * is why the words are atomic. Every store to bottom is a release, so whoever sees an index there sees its
 * item, and the array that holds it.
 *
 * Not here: stealing several at once. With this algorithm that is not safe against a pop in the middle.
 */
#include "deque.h"

#include <stdalign.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>

struct cell {
    void (*_Atomic run)(void *arg);
    void *_Atomic arg;
};

struct array {
    size_t capacity;     /* a power of two */
    struct array *older; /* the one it replaced: thieves may still read there */
    struct cell cells[];
};

struct pool_deque {
    /* thieves': seq_cst, see above */
    alignas(POOL_APART) atomic_size_t top;
    /* stored by the owner alone: seq_cst in pop, release elsewhere */
    alignas(POOL_APART) atomic_size_t bottom;
    struct array *_Atomic array; /* release: its cells are filled */
    /* owner thread only */
    size_t top_seen; /* top is here or further: spares push a look at the thieves' cache line */
};

static size_t items_between(size_t top, size_t bottom)
{
    ptrdiff_t count = (ptrdiff_t)(bottom - top);
    return count > 0 ? (size_t)count : 0;
}

/* --- arrays --------------------------------------------------------------------------------------------- */

static struct array *array_new(size_t capacity, struct array *older)
{
    struct array *array = malloc(sizeof *array + capacity * sizeof array->cells[0]);
    if (!array)
        return NULL;
    array->capacity = capacity;
    array->older = older;
    return array;
}

static void cell_put(struct array *array, size_t index, struct pool_item item)
{
    struct cell *cell = &array->cells[index & (array->capacity - 1)];
    atomic_store_explicit(&cell->run, item.run, memory_order_relaxed);
    atomic_store_explicit(&cell->arg, item.arg, memory_order_relaxed);
}

static struct pool_item cell_get(struct array *array, size_t index)
{
    struct cell *cell = &array->cells[index & (array->capacity - 1)];
    return (struct pool_item){
        .run = atomic_load_explicit(&cell->run, memory_order_relaxed),
        .arg = atomic_load_explicit(&cell->arg, memory_order_relaxed),
    };
}

/* The owner: an array of twice the size with the same items at the same indices. NULL: out of memory. */
static struct array *grow(struct pool_deque *deque, struct array *array, size_t top, size_t bottom)
{
    if (array->capacity > PTRDIFF_MAX / 64)
        return NULL;
    struct array *bigger = array_new(array->capacity * 2, array);
    if (!bigger)
        return NULL;
    for (size_t i = top; i != bottom; i++)
        cell_put(bigger, i, cell_get(array, i));
    atomic_store_explicit(&deque->array, bigger, memory_order_release);
    return bigger;
}

/* --- the owner's end ------------------------------------------------------------------------------------ */

enum pool_status pool_deque_push(struct pool_deque *deque, struct pool_item item)
{
    if (!deque)
        return POOL_INVALID;
    size_t bottom = atomic_load_explicit(&deque->bottom, memory_order_relaxed);
    struct array *array = atomic_load_explicit(&deque->array, memory_order_relaxed);

    if (items_between(deque->top_seen, bottom) >= array->capacity) {
        deque->top_seen = atomic_load_explicit(&deque->top, memory_order_acquire);
        if (items_between(deque->top_seen, bottom) >= array->capacity)
            array = grow(deque, array, deque->top_seen, bottom);
        if (!array)
            return POOL_NO_MEMORY;
    }
    cell_put(array, bottom, item);
    atomic_store_explicit(&deque->bottom, bottom + 1, memory_order_release);
    return POOL_OK;
}

/* The announcement is taken back with the value that bottom had: there is nothing below top to protect. */
enum pool_status pool_deque_pop(struct pool_deque *deque, struct pool_item *item)
{
    if (!deque || !item)
        return POOL_INVALID;
    size_t bottom = atomic_load_explicit(&deque->bottom, memory_order_relaxed) - 1;
    struct array *array = atomic_load_explicit(&deque->array, memory_order_relaxed);

    /* Only the owner adds, and top only grows: what is empty now stays so, and needs no announcement. */
    if (items_between(atomic_load_explicit(&deque->top, memory_order_relaxed), bottom + 1) == 0)
        return POOL_EMPTY;
    atomic_store_explicit(&deque->bottom, bottom, memory_order_seq_cst);
    size_t top = atomic_load_explicit(&deque->top, memory_order_seq_cst);
    size_t left = items_between(top, bottom + 1);
    if (left > 1) {
        *item = cell_get(array, bottom);
        return POOL_OK;
    }
    bool mine = left == 1 && atomic_compare_exchange_strong_explicit(
                                 &deque->top, &top, top + 1, memory_order_seq_cst, memory_order_relaxed);
    if (mine)
        *item = cell_get(array, bottom); /* nobody but the owner would overwrite it */
    atomic_store_explicit(&deque->bottom, bottom + 1, memory_order_release);
    return mine ? POOL_OK : POOL_EMPTY;
}

/* --- the thieves' end ----------------------------------------------------------------------------------- */

enum pool_status pool_deque_steal(struct pool_deque *deque, struct pool_item *item)
{
    if (!deque || !item)
        return POOL_INVALID;
    for (;;) {
        size_t top = atomic_load_explicit(&deque->top, memory_order_seq_cst);
        size_t bottom = atomic_load_explicit(&deque->bottom, memory_order_seq_cst);
        if (items_between(top, bottom) == 0)
            return POOL_EMPTY;
        struct array *array = atomic_load_explicit(&deque->array, memory_order_acquire);
        struct pool_item found = cell_get(array, top);
        if (atomic_compare_exchange_strong_explicit(&deque->top, &top, top + 1, memory_order_seq_cst,
                                                    memory_order_relaxed)) {
            *item = found;
            return POOL_OK;
        }
    }
}

size_t pool_deque_count(const struct pool_deque *deque)
{
    if (!deque)
        return 0;
    size_t top = atomic_load_explicit(&deque->top, memory_order_relaxed);
    return items_between(top, atomic_load_explicit(&deque->bottom, memory_order_relaxed));
}

/* --- create and destroy --------------------------------------------------------------------------------- */

static size_t power_of_two(size_t least)
{
    size_t power = 1;
    while (power < least)
        power *= 2;
    return power;
}

static struct pool_deque *deque_new(size_t capacity, size_t first_index)
{
    struct pool_deque *deque = aligned_alloc(POOL_APART, sizeof *deque);
    struct array *array = array_new(power_of_two(capacity), NULL);
    if (!deque || !array) {
        free(deque);
        free(array);
        return NULL;
    }
    atomic_init(&deque->top, first_index);
    atomic_init(&deque->bottom, first_index);
    atomic_init(&deque->array, array);
    deque->top_seen = first_index;
    return deque;
}

enum pool_status pool_deque_create(struct pool_deque **deque, const struct pool_deque_options *options)
{
    size_t capacity = options ? options->capacity : 0;

    if (!deque)
        return POOL_INVALID;
    *deque = NULL;
    if (capacity > PTRDIFF_MAX / 64)
        return POOL_INVALID;
    *deque = deque_new(capacity ? capacity : 64, options ? options->first_index : 0);
    return *deque ? POOL_OK : POOL_NO_MEMORY;
}

void pool_deque_destroy(struct pool_deque *deque)
{
    if (!deque)
        return;
    struct array *array = atomic_load_explicit(&deque->array, memory_order_relaxed);
    while (array) {
        struct array *older = array->older;
        free(array);
        array = older;
    }
    free(deque);
}
