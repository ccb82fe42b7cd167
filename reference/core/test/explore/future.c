/* Shows: of two producers one wins, waiter and continuation hear the same outcome, and a waiter may free a
 * future at once while the one thread that set it is still on its way out.
 *
 *     deepend explore reference/core/test/explore/future.c reference/core/future.c reference/core/waitpoint.c
 * \
 *         --cflags -Ireference/core
 */
#include "future.h"
#include <assert.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>

static atomic_int winners, calls;
static uintptr_t heard; /* not atomic: the join has to order it */

static void hear(void *unused, struct pool_outcome outcome)
{
    (void)unused;
    heard = (uintptr_t)outcome.value;
    atomic_fetch_add(&calls, 1);
}

static void *produce(void *future)
{
    uintptr_t mine = (uintptr_t)atomic_fetch_add(&winners, 16) / 16 + 1;
    if (pool_future_set(future, POOL_OK, (void *)mine) == POOL_OK)
        atomic_fetch_add(&winners, 1);
    return NULL;
}

static void two_producers(void)
{
    pthread_t threads[2];
    struct pool_future future;
    struct pool_outcome outcome;
    pool_future_init(&future);
    for (int i = 0; i < 2; i++)
        pthread_create(&threads[i], NULL, produce, &future);
    enum pool_status status = pool_future_then(&future, hear, NULL);
    assert(status == POOL_OK);
    pool_future_wait(&future, &outcome);
    for (int i = 0; i < 2; i++)
        pthread_join(threads[i], NULL);
    assert(winners % 16 == 1 && calls == 1);
    assert(heard == (uintptr_t)outcome.value);
    pool_future_release(&future);
}

static void freed_at_once(void)
{
    pthread_t thread;
    struct pool_outcome outcome;
    struct pool_future *future = malloc(sizeof *future);
    if (!future)
        return;
    pool_future_init(future);
    pthread_create(&thread, NULL, produce, future);
    pool_future_wait(future, &outcome);
    pool_future_release(future);
    free(future);
    pthread_join(thread, NULL);
}

int main(void)
{
    two_producers();
    freed_at_once();
    return 0;
}
