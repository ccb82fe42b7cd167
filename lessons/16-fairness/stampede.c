/* stampede.c - a value has expired, and sixteen threads want it at the same moment.
 *
 * The sixteenth miss opens the door for all, so each of them has looked and found nothing. Another thread wants
 * a value of its own, and must not have to wait for this one.
 */
#include "flight.h"
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

enum { CALLERS = 16 };
enum remedy { NONE, ONE_LOCK, FLIGHT };

struct cache {
    enum remedy remedy;
    pthread_barrier_t missed;
    pthread_mutex_t lock;
    struct pool_flight *flight;
    atomic_int computed, filled;
    sem_t begun, go_on; /* of the first computation */
};

static int compute(void *arg, void **value)
{
    struct cache *cache = arg;

    (void)value;
    if (atomic_fetch_add(&cache->computed, 1) == 0 && cache->remedy != NONE) {
        sem_post(&cache->begun);
        sem_wait(&cache->go_on);
    }
    atomic_store(&cache->filled, 1);
    return 0;
}

static void *caller(void *arg)
{
    struct cache *cache = arg;

    pthread_barrier_wait(&cache->missed);
    if (cache->remedy == FLIGHT) {
        if (pool_flight_do(cache->flight, pool_flight_string("front page"), compute, cache, NULL) != POOL_OK)
            abort();
        return NULL;
    }
    if (cache->remedy == ONE_LOCK)
        pthread_mutex_lock(&cache->lock);
    if (cache->remedy == NONE || !atomic_load(&cache->filled)) /* look again behind the lock */
        compute(cache, NULL);
    if (cache->remedy == ONE_LOCK)
        pthread_mutex_unlock(&cache->lock);
    return NULL;
}

static int nothing(void *arg, void **value)
{
    (void)arg;
    (void)value;
    return 0;
}

/* Somebody who wants another key while the first is being computed. */
static const char *stranger(struct cache *cache)
{
    if (cache->remedy == NONE)
        return "goes on";
    sem_wait(&cache->begun);
    if (cache->remedy == ONE_LOCK)
        return pthread_mutex_trylock(&cache->lock) == 0 ? "goes on" : "has to wait";
    while (pool_flight_counts(cache->flight).waiting < CALLERS - 1)
        sched_yield(); /* until all the others wait for the first */
    return pool_flight_do(cache->flight, pool_flight_string("imprint"), nothing, NULL, NULL) == POOL_OK
               ? "goes on"
               : "?";
}

static void run(const char *name, enum remedy remedy)
{
    struct cache cache = {.remedy = remedy, .lock = PTHREAD_MUTEX_INITIALIZER};
    pthread_t threads[CALLERS];

    pthread_barrier_init(&cache.missed, NULL, CALLERS);
    sem_init(&cache.begun, 0, 0);
    sem_init(&cache.go_on, 0, 0);
    if (pool_flight_create(&cache.flight, NULL) != POOL_OK)
        abort();
    for (int i = 0; i < CALLERS; i++)
        if (pthread_create(&threads[i], NULL, caller, &cache) != 0)
            abort();
    const char *other = stranger(&cache);
    sem_post(&cache.go_on);
    for (int i = 0; i < CALLERS; i++)
        pthread_join(threads[i], NULL);
    printf("%-24s computed %2d times; who wants another key %s\n", name, atomic_load(&cache.computed), other);
    pool_flight_destroy(cache.flight);
    sem_destroy(&cache.go_on);
    sem_destroy(&cache.begun);
    pthread_barrier_destroy(&cache.missed);
}

int main(void)
{
    run("look, then compute", NONE);
    run("one lock, look again", ONE_LOCK);
    run("one flight for each key", FLIGHT);
    return 0;
}
