/* peer_deepend.c - the library's own pool, through the calls of pool.h alone. Built twice: with the switches
 * that buy speed, and PLAIN, with a bounded queue and none. */
#include "peer.h"

#include "pool.h"
#include <stdlib.h>

static void *create(unsigned workers, size_t room)
{
#ifdef PLAIN
    struct pool_options options = {.workers = workers, .capacity = room};
#else
    struct pool_options options = {.workers = workers,
                                   .queue = POOL_UNBOUNDED,
                                   .shards = 8,
                                   .batch = 64,
                                   .nap_us = 50,
                                   .spin_us = 50,
                                   .start = POOL_START_LAZY,
                                   .inner = POOL_INNER_OWN,
                                   .waiting = POOL_WAITING_HELPS};
    (void)room; /* its queue has no bound */
#endif
    struct pool *pool;
    if (pool_create(&pool, &options) != POOL_OK)
        abort();
    return pool;
}

static void run(void *arg)
{
    struct task *task = arg;
    task->run(task);
}

static void submit(void *pool, struct task *task)
{
    if (pool_submit(pool, run, task) != POOL_OK)
        abort();
}

static void submit_wait(void *pool, struct task *task)
{
    if (pool_submit_wait(pool, run, task) != POOL_OK)
        abort();
}

static void play(void *pool, unsigned producers, produce_function *produce, void *context)
{
    play_in_threads(pool, producers, produce, context);
    if (pool_wait_idle(pool, NULL) !=
        POOL_OK) /* and for what tasks have submitted: a drain would refuse it */
        abort();
}

static void destroy(void *pool)
{
    pool_destroy(pool);
}

#ifdef PLAIN
#define NAME "deepend-plain"
#else
#define NAME "deepend"
#endif

const struct peer peer = {.name = NAME,
                          .create = create,
                          .play = play,
                          .submit = submit,
                          .submit_wait = submit_wait,
                          .destroy = destroy,
                          .nests = true,
                          .play_joins = true,
                          .queues = true,
                          .many_in_a_row = true};
