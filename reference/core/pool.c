/* pool.c - the birth of a pool, and its numbers.
 *
 * A pool is one block of memory with a seat for every worker it may ever have, so that growing later needs no
 * memory; and beside it the slots of a bounded queue, the segments of an unbounded one, the shards, and a deque
 * for each seat with POOL_INNER_OWN.
 *
 * How jobs come in: pool_submit.c. How workers find and run them: pool_workers.c, pool_calls.c, pool_steal.c.
 * How it ends: pool_stop.c.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* sched_getaffinity */
#endif
#include "pool_control.h"
#include "pool_inside.h"
#include <sched.h>
#include <stdlib.h>

/* --- options -------------------------------------------------------------------------------------------- */

static bool kinds_are_valid(const struct pool_options *options)
{
    return options->queue <= POOL_UNBOUNDED && options->overflow <= POOL_CALLER_RUNS &&
           options->wake <= POOL_WAKE_FIRST && options->start <= POOL_START_LAZY &&
           options->inner <= POOL_INNER_OWN && options->waiting <= POOL_WAITING_HELPS &&
           options->notes <= POOL_NOTES_ON;
}

static bool numbers_are_valid(const struct pool_options *options)
{
    unsigned ceiling = options->ceiling ? options->ceiling : options->workers;
    return options->workers >= 1 && options->workers <= ceiling && ceiling <= POOL_MAX_WORKERS &&
           options->floor <= options->workers && options->batch <= POOL_MAX_BATCH &&
           options->spin_us <= POOL_MAX_SPIN_US && options->nap_us <= POOL_MAX_SPIN_US &&
           options->shards <= POOL_MAX_QUEUES;
}

static bool options_are_valid(const struct pool_options *options)
{
    if (!options || !kinds_are_valid(options) || !numbers_are_valid(options))
        return false;
    if (options->queue == POOL_BOUNDED)
        return queue_capacity_is_valid(options->capacity) && options->inner == POOL_INNER_QUEUE &&
               options->shards == 0;
    return options->capacity == 0;
}

/* How many workers may spin at once: with one processor a spinner only keeps away whom it waits for. */
static unsigned spinners(const struct pool_options *options)
{
    cpu_set_t set;
    int count = 1;

    if (options->spin_us == 0)
        return 0;
    if (sched_getaffinity(0, sizeof set, &set) == 0)
        count = CPU_COUNT(&set);
    return (unsigned)count / 2;
}

static void fill_in(struct pool *pool, const struct pool_options *options)
{
    struct pool_options *mine = &pool->options;

    *mine = *options;
    mine->ceiling = options->ceiling ? options->ceiling : options->workers;
    if (mine->batch < 1 || mine->overflow == POOL_DROP_OLDEST || mine->overflow == POOL_KEEP_LATEST)
        mine->batch = 1;
    pool->exact = mine->batch == 1 && mine->inner == POOL_INNER_QUEUE && mine->shards == 0;
    pool->spinners_allowed = spinners(mine);
    pool->wanted = mine->workers;
    pool_count_callable_locked(pool); /* nobody else knows the pool yet */
}

/* --- create --------------------------------------------------------------------------------------------- */

static void init_bells(struct pool *pool)
{
    struct bell *const bells[] = {&pool->room,  &pool->naps,    &pool->resumed,
                                  &pool->quiet, &pool->started, &pool->ended};

    lock_init(&pool->lock);
    for (size_t i = 0; i < sizeof bells / sizeof *bells; i++)
        bell_init(bells[i], &pool->lock);
}

static void release_bells(struct pool *pool)
{
    struct bell *const bells[] = {&pool->room,  &pool->naps,    &pool->resumed,
                                  &pool->quiet, &pool->started, &pool->ended};

    for (size_t i = 0; i < sizeof bells / sizeof *bells; i++)
        bell_release(bells[i]);
    lock_release(&pool->lock);
}

static enum pool_status init_worker(struct pool *pool, unsigned index)
{
    struct worker *worker = &pool->workers[index];

    worker->pool = pool;
    worker->index = index;
    worker->shard = pool->options.shards > 0 ? index % pool->options.shards : 0;
    bell_init(&worker->call, &pool->lock);
    return pool->options.inner == POOL_INNER_OWN ? pool_deque_create(&worker->deque, NULL) : POOL_OK;
}

void pool_free(struct pool *pool)
{
    for (unsigned i = 0; i < pool->options.ceiling && pool->workers[i].pool; i++) {
        pool_deque_destroy(pool->workers[i].deque);
        bell_release(&pool->workers[i].call);
    }
    release_bells(pool);
    queue_release(&pool->queue);
    pool_shards_destroy(pool);
    free(pool);
}

/* A pool without threads. NULL: out of memory. */
static struct pool *pool_new(const struct pool_options *options)
{
    unsigned ceiling = options->ceiling ? options->ceiling : options->workers;
    struct pool *pool = calloc(1, sizeof *pool + ceiling * sizeof pool->workers[0]);
    if (!pool)
        return NULL;
    fill_in(pool, options);
    init_bells(pool);
    enum pool_status status = queue_init(&pool->queue, options->capacity) ? POOL_OK : POOL_NO_MEMORY;
    if (status == POOL_OK)
        status = pool_shards_create(pool);
    for (unsigned i = 0; i < ceiling && status == POOL_OK; i++)
        status = init_worker(pool, i);
    if (status == POOL_OK)
        return pool;
    pool_free(pool);
    return NULL;
}

/* The seats are taken before the first thread starts, so that the threads can start without the lock: who has
 * it while it makes a thread makes that thread wait. Returns how many could be had. */
static unsigned start_all(struct pool *pool)
{
    unsigned started = 0;

    for (unsigned i = 0; i < pool->wanted; i++)
        pool->workers[i].seat = SEAT_TAKEN;
    pool->alive = pool->wanted;
    pool_count_callable_locked(pool);
    pool->starting = pool->options.worker_start ? pool->wanted : 0;
    while (started < pool->wanted && pthread_create(&pool->workers[started].thread, NULL, pool_worker_main,
                                                    &pool->workers[started]) == 0)
        started++;
    return started;
}

static void give_back_locked(struct pool *pool, unsigned from)
{
    for (unsigned i = from; i < pool->wanted; i++)
        pool->workers[i].seat = SEAT_EMPTY;
    pool->alive -= pool->wanted - from;
    pool->starting -= pool->options.worker_start ? pool->wanted - from : 0;
}

static enum pool_status start_workers(struct pool *pool)
{
    if (pool->options.start == POOL_START_LAZY)
        return POOL_OK;
    unsigned started = start_all(pool);
    if (started == pool->wanted && !pool->options.worker_start)
        return POOL_OK;
    pool_enter(pool);
    give_back_locked(pool, started);
    while (pool->starting > 0)
        bell_wait(&pool->started, NULL);
    bool failed = pool->unstarted > 0;
    lock_drop(&pool->lock);
    return started < pool->wanted ? POOL_NO_THREAD : failed ? POOL_FAILED : POOL_OK;
}

enum pool_status pool_create(struct pool **pool, const struct pool_options *options)
{
    if (!pool)
        return POOL_INVALID;
    *pool = NULL;
    if (!options_are_valid(options))
        return POOL_INVALID;
    struct pool *made = pool_new(options);
    if (!made)
        return POOL_NO_MEMORY;
    enum pool_status status = start_workers(made);
    if (status == POOL_OK)
        *pool = made;
    else
        pool_destroy(made); /* joins those that did start */
    return status;
}

/* --- numbers -------------------------------------------------------------------------------------------- */

static unsigned long long read_number(const _Atomic unsigned long long *number)
{
    return atomic_load_explicit(number, memory_order_acquire);
}

/* The ends of all, then the begins of all, then the submits: see struct tally. */
static void add_tallies_locked(const struct pool *pool, struct pool_counts *counts, unsigned long long *begun)
{
    const struct tally *outside = &pool->outside;

    *begun = 0;
    counts->completed = read_number(&outside->completed);
    counts->failed = read_number(&outside->failed);
    for (unsigned i = 0; i < pool->options.ceiling; i++) {
        const struct tally *tally = &pool->workers[i].tally;
        counts->completed += read_number(&tally->completed);
        counts->failed += read_number(&tally->failed);
        counts->exited += read_number(&tally->exited);
    }
    *begun = read_number(&outside->begun);
    for (unsigned i = 0; i < pool->options.ceiling; i++)
        *begun += read_number(&pool->workers[i].tally.begun);
    counts->submitted = pool->submitted;
    for (unsigned i = 0; i < pool->options.ceiling; i++)
        counts->submitted += read_number(&pool->workers[i].tally.submitted);
    counts->submitted += pool_shards_submitted(pool);
}

struct pool_counts pool_counts(struct pool *pool)
{
    struct pool_counts counts = {0};
    unsigned long long begun;

    if (!pool)
        return counts;
    pool_enter(pool);
    add_tallies_locked(pool, &counts, &begun);
    counts.discarded = pool->discarded;
    counts.dropped = pool->dropped;
    counts.refused = pool->refused;
    counts.unstarted = pool->unstarted;
    counts.expired = pool->expired;
    counts.workers = (unsigned)pool->alive;
    counts.idle = atomic_load_explicit(&pool->idle, memory_order_relaxed);
    lock_drop(&pool->lock);
    counts.running = (size_t)(begun - counts.completed - counts.failed);
    counts.queued = (size_t)(counts.submitted - counts.discarded - begun);
    return counts;
}

struct timespec pool_deadline_after(long milliseconds)
{
    enum { SECOND = 1000000000 }; /* in nanoseconds */
    struct timespec deadline;
    clock_gettime(CLOCK_MONOTONIC, &deadline);
    long nanoseconds = deadline.tv_nsec + milliseconds % 1000 * 1000000; /* from -SECOND to 2 * SECOND */
    deadline.tv_sec += milliseconds / 1000 + (nanoseconds >= SECOND) - (nanoseconds < 0);
    deadline.tv_nsec = (nanoseconds + SECOND) % SECOND;
    return deadline;
}
