/* ring.c - the slots, the stamps and the two counters behind ring.h.
 *
 * A ticket is a place in the endless line of pushes (or pops): the low bits are the slot, the bits above
 * count the laps. `lap` is a power of two, at least 2 and not below the capacity, so a ticket that has used
 * the last slot jumps to the next multiple of it, and the counters may overflow: that is one more lap.
 *
 *     stamp == ticket          the slot is free for the push with this ticket
 *     stamp == ticket + 1      it holds that push's item, for the pop with this ticket
 *     stamp == ticket + lap    it was popped: free for the push of the next lap
 *
 * The stamp's release and acquire order the item. The counters order nothing, they only deal out tickets, and
 * so they are relaxed.
 *
 * Not here: waiting. A push never waits for a slow pop, it says POOL_FULL.
 */
#include "ring.h"

#include <stdalign.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>

struct slot {
    atomic_size_t stamp;
    struct pool_item item; /* of whoever's turn it is by the stamp */
};

struct pool_ring {
    /* fixed after create */
    size_t capacity, lap;
    /* atomic, relaxed: the next ticket of the pushes, and of the pops */
    alignas(POOL_APART) atomic_size_t tail;
    alignas(POOL_APART) atomic_size_t head;
    alignas(POOL_APART) struct slot slots[];
};

/* What a stamp is ahead of its ticket by when it is that side's turn. */
enum turn { TURN_PUSH = 0, TURN_POP = 1 };

static size_t index_of(const struct pool_ring *ring, size_t ticket)
{
    return ticket & (ring->lap - 1);
}

static struct slot *slot_of(struct pool_ring *ring, size_t ticket)
{
    return &ring->slots[index_of(ring, ticket)];
}

static size_t ticket_after(const struct pool_ring *ring, size_t ticket)
{
    size_t index = index_of(ring, ticket);
    return index + 1 < ring->capacity ? ticket + 1 : ticket - index + ring->lap;
}

/* 0: it is this ticket's turn. Below 0: the other side has to come first. Above: the ticket is taken. */
static ptrdiff_t turn_passed(struct pool_ring *ring, size_t ticket, enum turn turn)
{
    size_t stamp = atomic_load_explicit(&slot_of(ring, ticket)->stamp, memory_order_acquire);
    return (ptrdiff_t)(stamp - (ticket + turn));
}

/* Take up to COUNT tickets in a row whose turn it is; *FIRST is the first. A slot that is ready stays so
 * until its ticket is taken, so one exchange of the counter takes all that were seen to be ready. Lock-free:
 * each new attempt means that another thread has taken a ticket. */
static inline size_t claim(struct pool_ring *ring, atomic_size_t *counter, enum turn turn, size_t count,
                           size_t *first)
{
    size_t ticket = atomic_load_explicit(counter, memory_order_relaxed);

    while (count > 0) {
        ptrdiff_t passed = turn_passed(ring, ticket, turn);
        if (passed < 0)
            return 0;
        if (passed > 0) {
            ticket = atomic_load_explicit(counter, memory_order_relaxed);
            continue;
        }
        size_t claimed = 1, next = ticket_after(ring, ticket);
        while (claimed < count && turn_passed(ring, next, turn) == 0) {
            next = ticket_after(ring, next);
            claimed++;
        }
        *first = ticket;
        if (atomic_compare_exchange_weak_explicit(counter, &ticket, next, memory_order_relaxed,
                                                  memory_order_relaxed))
            return claimed;
    }
    return 0;
}

/* The second step of a push, and of a pop: with a ticket in hand the slot is this thread's alone. */
static void slot_fill(struct pool_ring *ring, size_t ticket, struct pool_item item)
{
    struct slot *slot = slot_of(ring, ticket);
    slot->item = item;
    atomic_store_explicit(&slot->stamp, ticket + 1, memory_order_release);
}

static struct pool_item slot_empty(struct pool_ring *ring, size_t ticket)
{
    struct slot *slot = slot_of(ring, ticket);
    struct pool_item item = slot->item;
    slot->item = (struct pool_item){0};
    atomic_store_explicit(&slot->stamp, ticket + ring->lap, memory_order_release);
    return item;
}

enum pool_status pool_ring_push(struct pool_ring *ring, struct pool_item item)
{
    size_t ticket;

    if (!ring)
        return POOL_INVALID;
    if (claim(ring, &ring->tail, TURN_PUSH, 1, &ticket) == 0)
        return POOL_FULL;
    slot_fill(ring, ticket, item);
    return POOL_OK;
}

enum pool_status pool_ring_pop(struct pool_ring *ring, struct pool_item *item)
{
    size_t ticket;

    if (!ring || !item)
        return POOL_INVALID;
    if (claim(ring, &ring->head, TURN_POP, 1, &ticket) == 0)
        return POOL_EMPTY;
    *item = slot_empty(ring, ticket);
    return POOL_OK;
}

size_t pool_ring_push_some(struct pool_ring *ring, const struct pool_item *items, size_t count)
{
    size_t ticket;

    if (!ring || !items)
        return 0;
    size_t claimed = claim(ring, &ring->tail, TURN_PUSH, count, &ticket);
    for (size_t i = 0; i < claimed; i++) {
        slot_fill(ring, ticket, items[i]);
        ticket = ticket_after(ring, ticket);
    }
    return claimed;
}

size_t pool_ring_pop_some(struct pool_ring *ring, struct pool_item *items, size_t count)
{
    size_t ticket;

    if (!ring || !items)
        return 0;
    size_t claimed = claim(ring, &ring->head, TURN_POP, count, &ticket);
    for (size_t i = 0; i < claimed; i++) {
        items[i] = slot_empty(ring, ticket);
        ticket = ticket_after(ring, ticket);
    }
    return claimed;
}

size_t pool_ring_count(const struct pool_ring *ring)
{
    if (!ring)
        return 0;
    size_t head = atomic_load_explicit(&ring->head, memory_order_relaxed);
    size_t tail = atomic_load_explicit(&ring->tail, memory_order_relaxed);
    size_t head_index = index_of(ring, head), tail_index = index_of(ring, tail);
    if (tail - tail_index != head - head_index) /* the tail is a lap ahead, or more: it went on meanwhile */
        tail_index += ring->capacity;
    size_t count = tail_index > head_index ? tail_index - head_index : 0;
    return count < ring->capacity ? count : ring->capacity;
}

size_t pool_ring_capacity(const struct pool_ring *ring)
{
    return ring ? ring->capacity : 0;
}

/* --- create and destroy --------------------------------------------------------------------------------- */

static size_t lap_for(size_t capacity)
{
    size_t lap = 2;
    while (lap < capacity)
        lap *= 2;
    return lap;
}

/* All slots are free for the lap that begins at FIRST. */
static void ring_start(struct pool_ring *ring, size_t first)
{
    for (size_t i = 0; i < ring->capacity; i++) {
        atomic_init(&ring->slots[i].stamp, first + i);
        ring->slots[i].item = (struct pool_item){0};
    }
    atomic_init(&ring->tail, first);
    atomic_init(&ring->head, first);
}

enum pool_status pool_ring_create(struct pool_ring **ring, const struct pool_ring_options *options)
{
    if (!ring)
        return POOL_INVALID;
    *ring = NULL;
    if (!options || options->capacity < 1 || options->capacity > PTRDIFF_MAX / 64)
        return POOL_INVALID;
    size_t bytes = sizeof(struct pool_ring) + options->capacity * sizeof(struct slot);
    struct pool_ring *made = aligned_alloc(POOL_APART, (bytes + POOL_APART - 1) / POOL_APART * POOL_APART);
    if (!made)
        return POOL_NO_MEMORY;
    made->capacity = options->capacity;
    made->lap = lap_for(options->capacity);
    ring_start(made, options->first_lap * made->lap);
    *ring = made;
    return POOL_OK;
}

void pool_ring_destroy(struct pool_ring *ring)
{
    free(ring);
}
