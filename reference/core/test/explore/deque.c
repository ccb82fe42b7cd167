/* Shows: an owner and two thieves on a deque that grows under them; every item is taken exactly once, and
 * what was written before the push is there after the steal.
 *
 *     deepend explore reference/core/test/explore/deque.c reference/core/deque.c --cflags -Ireference/core
 */
#include "deque.h"
#include <assert.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stddef.h>

enum { ITEMS = 4 };

struct thing {
    int written; /* not atomic: the deque has to order it */
    atomic_int taken;
};

static struct pool_deque *deque;
static struct thing things[ITEMS];

static void take(struct pool_item item)
{
    struct thing *thing = item.arg;
    assert(thing->written == 1);
    atomic_fetch_add(&thing->taken, 1);
}

static void *thief(void *unused)
{
    struct pool_item item;
    for (int i = 0; i < 2; i++)
        if (pool_deque_steal(deque, &item) == POOL_OK)
            take(item);
    return unused;
}

static void push(struct thing *thing)
{
    thing->written = 1;
    enum pool_status status = pool_deque_push(deque, (struct pool_item){.arg = thing});
    assert(status == POOL_OK);
}

static void pop(void)
{
    struct pool_item item;
    if (pool_deque_pop(deque, &item) == POOL_OK)
        take(item);
}

int main(void)
{
    pthread_t thieves[2];

    if (pool_deque_create(&deque, &(struct pool_deque_options){.capacity = 1}) != POOL_OK)
        return 2;
    for (int i = 0; i < 2; i++)
        pthread_create(&thieves[i], NULL, thief, NULL);
    push(&things[0]);
    pop();
    push(&things[1]);
    push(&things[2]); /* grows */
    pop();
    push(&things[3]);
    for (int i = 0; i < 3; i++)
        pop();
    for (int i = 0; i < 2; i++)
        pthread_join(thieves[i], NULL);
    for (int i = 0; i < ITEMS; i++)
        assert(things[i].taken == 1);
    pool_deque_destroy(deque);
    return 0;
}
