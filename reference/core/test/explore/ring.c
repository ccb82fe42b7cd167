/* Shows: two pushers and two poppers on a ring of one slot; every item arrives once, none twice, none is
 * lost.
 *
 *     deepend explore reference/core/test/explore/ring.c reference/core/ring.c --cflags -Ireference/core
 */
#include "ring.h"
#include <assert.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>

static struct pool_ring *ring;
static atomic_uint taken[3]; /* by number: 1 and 2 */

static void *push_one(void *number)
{
    atomic_uint *count = &taken[(uintptr_t)number];
    if (pool_ring_push(ring, (struct pool_item){.arg = number}) == POOL_FULL)
        atomic_fetch_add(count, 1); /* refused: the caller still has it */
    return NULL;
}

static void *pop_one(void *unused)
{
    struct pool_item item;
    if (pool_ring_pop(ring, &item) == POOL_OK)
        atomic_fetch_add(&taken[(uintptr_t)item.arg], 1);
    return unused;
}

int main(void)
{
    pthread_t threads[4];
    struct pool_ring_options options = {.capacity = 1, .first_lap = SIZE_MAX};
    struct pool_item item;

    if (pool_ring_create(&ring, &options) != POOL_OK)
        return 2;
    for (uintptr_t i = 0; i < 4; i++)
        pthread_create(&threads[i], NULL, i < 2 ? push_one : pop_one, (void *)(i % 2 + 1));
    for (int i = 0; i < 4; i++)
        pthread_join(threads[i], NULL);
    while (pool_ring_pop(ring, &item) == POOL_OK) /* nobody is inside: the answer is exact */
        atomic_fetch_add(&taken[(uintptr_t)item.arg], 1);
    assert(taken[1] == 1 && taken[2] == 1);
    assert(pool_ring_count(ring) == 0);
    pool_ring_destroy(ring);
    return 0;
}
