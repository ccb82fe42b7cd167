/* bench_kinds.h - the contestants of bench_pool: two pools that one writes on the way, and the library's with
 * three sets of switches.
 */
#ifndef DEEPEND_BENCH_KINDS_H
#define DEEPEND_BENCH_KINDS_H

#include "../pool.h"
#include "bench_bounded.h"
#include "bench_naive.h"

struct kind {
    const char *name;
    void *(*create)(unsigned workers, size_t room);
    void (*submit)(void *pool, void (*run)(void *arg), void *arg);
    void (*submit_wait)(void *pool, void (*run)(void *arg), void *arg); /* NULL: submit, then wait */
    void (*wait)(void *pool);
    void (*destroy)(void *pool);
};

static inline void *must_create(const struct pool_options *options)
{
    struct pool *pool;
    if (pool_create(&pool, options) != POOL_OK)
        abort();
    return pool;
}

static inline void *plain_create(unsigned workers, size_t room)
{
    return must_create(&(struct pool_options){.workers = workers, .capacity = room});
}

static const struct pool_options fast = {
    .queue = POOL_UNBOUNDED,
    .shards = 8,
    .batch = 64,
    .nap_us = 50,
    .spin_us = 50,
    .start = POOL_START_LAZY,
    .inner = POOL_INNER_OWN,
    .waiting = POOL_WAITING_HELPS,
};

static inline void *fast_create(unsigned workers, size_t room)
{
    struct pool_options options = fast;
    (void)room;
    options.workers = workers;
    return must_create(&options);
}

static inline void *fast_bounded_create(unsigned workers, size_t room)
{
    struct pool_options options = fast;
    options.workers = workers;
    options.queue = POOL_BOUNDED;
    options.inner = POOL_INNER_QUEUE;
    options.shards = 0;
    options.capacity = room;
    return must_create(&options);
}

static inline void library_submit(void *pool, void (*run)(void *arg), void *arg)
{
    if (pool_submit(pool, run, arg) != POOL_OK)
        abort();
}

static inline void library_submit_wait(void *pool, void (*run)(void *arg), void *arg)
{
    if (pool_submit_wait(pool, run, arg) != POOL_OK)
        abort();
}

static inline void library_wait(void *pool)
{
    if (pool_wait_idle(pool, NULL) != POOL_OK)
        abort();
}

static inline void library_destroy(void *pool)
{
    pool_destroy(pool);
}

static const struct kind kinds[] = {
    {"naive", naive_create, naive_submit, NULL, naive_wait, naive_destroy},
    {"bounded", bounded_create, bounded_submit, NULL, bounded_wait, bounded_destroy},
    {"library, plain", plain_create, library_submit, library_submit_wait, library_wait, library_destroy},
    {"library, fast", fast_create, library_submit, library_submit_wait, library_wait, library_destroy},
    {"fast, bounded", fast_bounded_create, library_submit, library_submit_wait, library_wait,
     library_destroy},
};
enum { KINDS = sizeof kinds / sizeof *kinds };

#endif
