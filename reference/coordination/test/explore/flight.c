/* Shows: of two callers for one key never more than one works at a time, the other gets its answer or works
 * after it, and each value is freed once, when nobody has it any more.
 *
 *     deepend explore reference/coordination/test/explore/flight.c reference/coordination/flight.c
 *         --cflags "-Ireference/core -Ireference/coordination"
 *
 *     broken reference/coordination/flight.c deadlock: s/bell_ring_all(&call->landed);//
 *     broken reference/coordination/flight.c wrong-result: s/struct call \*call = find_locked(.*hash, key)/struct call *call = NULL/
 */
#include "flight.h"
#include <assert.h>
#include <pthread.h>
#include <stdatomic.h>

static struct pool_flight *flight;
static atomic_int inside, works, freed;
static int values[3]; /* not atomic: the flight has to order them */

static int work(void *unused, void **value)
{
    (void)unused;
    int others = atomic_fetch_add(&inside, 1);
    assert(others == 0);
    int *mine = &values[atomic_fetch_add(&works, 1)];
    *mine = 7;
    *value = mine;
    atomic_fetch_sub(&inside, 1);
    return 0;
}

static void free_value(void *value)
{
    *(int *)value = -1;
    atomic_fetch_add(&freed, 1);
}

static void *ask(void *unused)
{
    const struct pool_flight_answer *answer;
    enum pool_status status = pool_flight_do(flight, pool_flight_string("key"), work, NULL, &answer);
    assert(status == POOL_OK && *(int *)answer->value == 7);
    pool_flight_drop(answer);
    return unused;
}

int main(void)
{
    pthread_t thread;

    if (pool_flight_create(&flight, &(struct pool_flight_options){.free_value = free_value}) != POOL_OK)
        return 2;
    pthread_create(&thread, NULL, ask, NULL);
    ask(NULL);
    pthread_join(thread, NULL);
    assert(freed == works);
    pool_flight_destroy(flight);
    return 0;
}
