/* pool_two_lock.c - the seldom parts of pool_two_lock.h: segments come and go, and a lock is waited for. */
#include "pool_two_lock.h"
#include "pool_inside.h"
#include <sched.h>
#include <stdlib.h>

/* --- the lock of an end ---------------------------------------------------------------------------------- */

/* It is held for a few stores, seldom for a malloc, so nobody sleeps for it: a mutex costs twice as much as
 * all that is done under it. Who finds it taken looks again, in growing pauses, and then lets others run: the
 * owner may be one of those who wait for this processor. */
void pool_end_wait(const struct end *end)
{
    for (unsigned pause = 8; atomic_load_explicit(&end->taken, memory_order_relaxed);) {
        if (pause > 256) {
            sched_yield();
            continue;
        }
        for (unsigned i = 0; i < pause; i++)
            pool_relax();
        pause *= 2;
    }
}

/* --- segments -------------------------------------------------------------------------------------------- */

/* Acquire: who emptied it has read its last item. */
static struct pool_segment *fetch_emptied(struct two_lock_queue *queue)
{
    for (size_t i = 0; i < POOL_SEGMENTS_SPARES; i++) {
        struct pool_segment *segment = atomic_load_explicit(&queue->emptied[i], memory_order_acquire);
        if (segment) {
            atomic_store_explicit(&queue->emptied[i], NULL, memory_order_relaxed);
            return segment;
        }
    }
    return NULL;
}

static void give_back(struct two_lock_queue *queue, struct pool_segment *segment)
{
    for (size_t i = 0; i < POOL_SEGMENTS_SPARES; i++)
        if (!atomic_load_explicit(&queue->emptied[i], memory_order_relaxed)) {
            atomic_store_explicit(&queue->emptied[i], segment, memory_order_release);
            return;
        }
    free(segment);
}

enum pool_status pool_two_lock_extend(struct two_lock_queue *queue)
{
    struct pool_segment *segment = fetch_emptied(queue);

    if (!segment && !(segment = malloc(sizeof *segment)))
        return POOL_NO_MEMORY;
    segment->next = NULL;
    *(queue->last ? &queue->last->next : &queue->first) = segment;
    queue->last = segment;
    queue->tail = 0;
    for (size_t i = ITEMS_A_LINE; i <= ITEMS_AHEAD; i += ITEMS_A_LINE)
        will_write(&segment->items[i]);
    return POOL_OK;
}

/* There is an item beyond this segment, so the link to the next one has been stored. */
void pool_two_lock_advance(struct two_lock_queue *queue)
{
    struct pool_segment *emptied = queue->segment;

    queue->segment = emptied ? emptied->next : queue->first;
    queue->head = 0;
    if (emptied)
        give_back(queue, emptied);
}

void pool_two_lock_release(struct two_lock_queue *queue)
{
    struct pool_segment *segment = queue->segment ? queue->segment : queue->first;

    while (segment) {
        struct pool_segment *next = segment->next;
        free(segment);
        segment = next;
    }
    while ((segment = fetch_emptied(queue)))
        free(segment);
}
