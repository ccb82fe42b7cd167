/* Shows: one thread pushes and two pop, over the seams of segments which they hand each other. Whatever the
 * schedule, each thing comes out once and in order, what was written before its push is there after its pop, and
 * the hint is never less than nothing.
 *
 *     deepend explore reference/core/test/explore/two_lock.c reference/core/pool_two_lock.c
 *         --cflags -Ireference/core --schedules 2000
 *
 *     broken reference/core/pool_two_lock.h race: /end_enter/,/^}/s/memory_order_acquire/memory_order_relaxed/
 *     broken reference/core/pool_two_lock.h race: /end_go/,/^}/s/memory_order_release/memory_order_relaxed/
 *     broken reference/core/pool_two_lock.h race: /two_lock_show/,/^}/s/memory_order_release/memory_order_relaxed/
 *     broken reference/core/pool_two_lock.h race: /two_lock_ready/,/^}/s/memory_order_acquire/memory_order_relaxed/
 *     broken reference/core/pool_two_lock.c race: s/segment, memory_order_release/segment, memory_order_relaxed/
 *     broken reference/core/pool_two_lock.c race: s/memory_order_acquire/memory_order_relaxed/
 *     broken reference/core/pool_two_lock.c race|invalid-memory|wrong-result: s/queue->segment = /if (emptied) give_back(queue, emptied);&/;s/if (emptied)$/if (0)/
 *     broken reference/core/pool_two_lock.h wrong-result: s/uint64_t popped = /uint64_t pushed = queue->pushed, popped = /;s/(atomic_load_explicit(&queue->pushed, memory_order_relaxed)/(pushed/
 *     broken reference/core/test/explore/two_lock.c race: /pop_up_to/,/^}/s/end_enter(&queue.popping);//
 */
#include "pool_two_lock.h"
#include <assert.h>
#include <pthread.h>
#include <stddef.h>

enum { THINGS = 6, TRIES = 3 };

static struct two_lock_queue queue;
static struct thing {
    int number; /* written before the push, read after the pop */
} things[THINGS];
static int arrived; /* guarded by queue.popping */

/* Both ends skip the rest of a segment after each second thing, so that there are seams between a few things. */
static size_t place_after(int number, size_t place)
{
    return number % 2 ? POOL_SEGMENT_ITEMS : place;
}

static void *push_all(void *unused)
{
    for (int i = 0; i < THINGS;) {
        end_enter(&queue.pushing);
        for (int group = i % 3 + 1; group > 0 && i < THINGS; group--, i++) {
            things[i].number = i;
            assert(two_lock_push(&queue, (struct pool_item){.arg = &things[i]}) == POOL_OK);
            queue.tail = place_after(i, queue.tail);
        }
        two_lock_show(&queue);
        end_go(&queue.pushing);
    }
    return unused;
}

static void pop_up_to(size_t most)
{
    assert(two_lock_count_hint(&queue) <= THINGS);
    end_enter(&queue.popping);
    size_t ready = two_lock_ready(&queue);
    for (size_t i = 0; i < ready && i < most; i++) {
        const struct thing *thing = two_lock_pop(&queue).arg;
        assert(thing->number == arrived);
        queue.head = place_after(arrived++, queue.head);
    }
    two_lock_tell(&queue);
    end_go(&queue.popping);
}

static void *pop_some(void *unused)
{
    for (int i = 0; i < TRIES; i++)
        pop_up_to(2);
    return unused;
}

int main(void)
{
    pthread_t threads[3];

    for (int i = 0; i < 3; i++)
        if (pthread_create(&threads[i], NULL, i == 0 ? push_all : pop_some, NULL) != 0)
            return 2;
    for (int i = 0; i < 3; i++)
        pthread_join(threads[i], NULL);
    pop_up_to(THINGS); /* what they have left */
    assert(arrived == THINGS && two_lock_count_hint(&queue) == 0);
    pool_two_lock_release(&queue);
    return 0;
}
