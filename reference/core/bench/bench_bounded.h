/* bench_bounded.h - the second step: one lock, a ring of jobs, and bells that ring only for who sleeps and
 * has not been called. The middle pool of the lesson "three pools", with what it needs to be measured.
 */
#ifndef DEEPEND_BENCH_BOUNDED_H
#define DEEPEND_BENCH_BOUNDED_H

#include "../item.h"
#include "../pool_monitor.h"
#include <stdlib.h>

enum { BOUNDED_MOST = 8 };

struct bounded {
    struct lock lock;
    struct pool_item *slots;
    size_t capacity, head, count;
    size_t pending; /* queued or running */
    bool closed;
    struct bell work; /* slept at until: count > 0 || closed */
    struct bell room; /* slept at until: count < capacity */
    struct bell idle; /* slept at until: pending == 0 */
    unsigned workers;
    pthread_t threads[BOUNDED_MOST];
};

static inline void *bounded_worker(void *arg)
{
    struct bounded *pool = arg;
    lock_take(&pool->lock);
    for (;;) {
        while (pool->count == 0 && !pool->closed)
            bell_wait(&pool->work, NULL);
        if (pool->count == 0)
            break;
        struct pool_item job = pool->slots[pool->head];
        pool->head = pool->head + 1 == pool->capacity ? 0 : pool->head + 1;
        pool->count--;
        bell_ring(&pool->room);
        lock_drop(&pool->lock);
        job.run(job.arg);
        lock_take(&pool->lock);
        if (--pool->pending == 0)
            bell_ring_all(&pool->idle);
    }
    lock_drop(&pool->lock);
    return NULL;
}

static inline void *bounded_create(unsigned workers, size_t room)
{
    struct bounded *pool = calloc(1, sizeof *pool);
    if (!pool || workers > BOUNDED_MOST)
        abort();
    pool->slots = calloc(room, sizeof *pool->slots);
    if (!pool->slots)
        abort();
    pool->capacity = room;
    lock_init(&pool->lock);
    bell_init(&pool->work, &pool->lock);
    bell_init(&pool->room, &pool->lock);
    bell_init(&pool->idle, &pool->lock);
    for (; pool->workers < workers; pool->workers++)
        must(pthread_create(&pool->threads[pool->workers], NULL, bounded_worker, pool));
    return pool;
}

static inline void bounded_submit(void *arg, void (*run)(void *arg), void *task)
{
    struct bounded *pool = arg;
    lock_take(&pool->lock);
    while (pool->count == pool->capacity)
        bell_wait(&pool->room, NULL);
    size_t slot = pool->head + pool->count;
    pool->slots[slot < pool->capacity ? slot : slot - pool->capacity] = (struct pool_item){run, task};
    pool->count++;
    pool->pending++;
    bell_ring(&pool->work);
    lock_drop(&pool->lock);
}

static inline void bounded_wait(void *arg)
{
    struct bounded *pool = arg;
    lock_take(&pool->lock);
    while (pool->pending > 0)
        bell_wait(&pool->idle, NULL);
    lock_drop(&pool->lock);
}

static inline void bounded_destroy(void *arg)
{
    struct bounded *pool = arg;
    lock_take(&pool->lock);
    pool->closed = true;
    bell_ring_all(&pool->work);
    lock_drop(&pool->lock);
    for (unsigned i = 0; i < pool->workers; i++)
        must(pthread_join(pool->threads[i], NULL));
    bell_release(&pool->work);
    bell_release(&pool->room);
    bell_release(&pool->idle);
    lock_release(&pool->lock);
    free(pool->slots);
    free(pool);
}

#endif
