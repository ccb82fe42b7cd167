/* pool_shards.c - see pool_shards.h, which has the proofs.
 *
 * Not here: what a task submits to its own deque (pool_steal.c), full queues (a shard is never full), waiting
 * for a ticket (pool_submit.c).
 */
#include "pool_shards.h"
#include "pool_inside.h"
#include <stdlib.h>

static unsigned load(const _Atomic unsigned *number)
{
    return atomic_load_explicit(number, memory_order_relaxed);
}

enum pool_status pool_shards_create(struct pool *pool)
{
    if (pool->options.shards == 0)
        return POOL_OK;
    pool->shards = calloc(pool->options.shards, sizeof *pool->shards);
    return pool->shards ? POOL_OK : POOL_NO_MEMORY;
}

void pool_shards_destroy(struct pool *pool)
{
    for (unsigned i = 0; pool->shards && i < pool->options.shards; i++)
        pool_two_lock_release(&pool->shards[i].jobs);
    free(pool->shards);
}

/* --- pushing -------------------------------------------------------------------------------------------- */

/* The page in which this thread has its thread-local variables: another one for each thread, and with glibc
 * neighbours have neighbouring residues. Which number it is means nothing; two threads may share a shard. */
static struct shard *shard_of_this_thread(const struct pool *pool)
{
    return &pool->shards[(pool_inside_address() >> 12) % pool->options.shards];
}

/* Returns how many workers this thread has to call; it is counted in `callers` if there are any. Most of the
 * time all are awake, or one is on the way, which calls the next if it leaves something. */
static inline size_t to_be_called(struct pool *pool, size_t jobs)
{
    if (load(&pool->callable) > 0 && load(&pool->summoned) < jobs && load(&pool->spinning) == 0) {
        atomic_fetch_add_explicit(&pool->callers, 1, memory_order_relaxed);
        return jobs;
    }
    if (load(&pool->spinning) > 0 && !atomic_load_explicit(&pool->news, memory_order_relaxed))
        atomic_store_explicit(&pool->news, true, memory_order_release);
    return 0;
}

static void call(struct pool *pool, size_t jobs)
{
    pool_enter(pool);
    pool_call_locked(pool, jobs);
    atomic_fetch_sub_explicit(&pool->callers, 1, memory_order_relaxed);
    pool_leave_locked(pool);
    lock_drop(&pool->lock);
}

/* A pool without any worker gets one first, or nobody might ever run what is pushed. It is called like the
 * others: by the time of the push it may have looked and be asleep, or busy with what somebody else pushed. */
static enum pool_status first_worker(struct pool *pool)
{
    enum pool_status status = POOL_OK;

    pool_enter(pool);
    if (pool->phase != PHASE_OPEN)
        status = POOL_STOPPED;
    else if (pool->alive == 0)
        status = pool_worker_start_locked(pool);
    lock_drop(&pool->lock);
    return status;
}

enum pool_status pool_shards_push(struct pool *pool, const struct pool_item *jobs, size_t count,
                                  size_t *taken)
{
    struct shard *shard = shard_of_this_thread(pool);
    size_t pushed = 0, calls = 0;
    enum pool_status status = load(&pool->there) > 0 ? POOL_OK : first_worker(pool);

    *taken = 0;
    if (status != POOL_OK)
        return status;
    end_enter(&shard->jobs.pushing);
    if (atomic_load_explicit(&pool->closed, memory_order_relaxed))
        status = POOL_STOPPED;
    while (status == POOL_OK && pushed < count)
        if ((status = two_lock_push(&shard->jobs, jobs[pushed])) == POOL_OK)
            pushed++;
    if (pushed > 0) {
        two_lock_show(&shard->jobs);
        calls = to_be_called(pool, pushed);
    }
    end_go(&shard->jobs.pushing);
    if (calls > 0)
        call(pool, calls);
    *taken = pushed;
    return status;
}

/* --- taking --------------------------------------------------------------------------------------------- */

/* Of READY jobs, how many for one worker. */
static size_t share_of(const struct pool *pool, size_t ready)
{
    unsigned there = load(&pool->there);
    size_t share = ready / (there > 0 ? there : 1);

    if (share < 1 || load(&pool->callable) > 0)
        return 1;
    return share < pool->options.batch ? share : pool->options.batch;
}

static bool deal(struct worker *me, struct shard *shard, struct pool_item *job)
{
    struct pool *pool = me->pool;
    size_t ready = two_lock_ready(&shard->jobs);

    if (ready == 0 || atomic_load_explicit(&pool->halt, memory_order_relaxed))
        return false;
    size_t share = share_of(pool, ready);
    uint64_t tail = hand_tail(&me->hand);
    *job = two_lock_pop(&shard->jobs);
    for (size_t i = 1; i < share; i++)
        hand_put(&me->hand, tail++, two_lock_pop(&shard->jobs));
    if (share > 1)
        hand_show(&me->hand, tail);
    two_lock_tell(&shard->jobs);
    return true;
}

/* A worker that is right behind its submitter would take jobs one by one, and each time take the queue's memory
 * away from the one who writes there: dearer for both than a moment's patience, after which there are more. */
enum { FEW = 16 };
static void linger(void)
{
    for (unsigned i = 0; i < 16; i++)
        pool_relax();
}

bool pool_shards_take(struct worker *me, struct pool_item *job)
{
    struct pool *pool = me->pool;
    unsigned count = pool->options.shards;

    for (unsigned i = 0; i < count; i++) {
        struct shard *shard = &pool->shards[(me->shard + i) % count];
        size_t seen = two_lock_count_hint(&shard->jobs);
        if (seen == 0)
            continue;
        if (seen < FEW && pool->spinners_allowed)
            linger();
        end_enter(&shard->jobs.popping);
        bool taken = deal(me, shard, job);
        end_go(&shard->jobs.popping);
        if (taken) {
            me->shard = (me->shard + i + 1) % count;
            tally_add(&me->tally.begun);
            return true;
        }
    }
    return false;
}

bool pool_shards_pop(struct pool *pool, struct pool_item *job)
{
    bool popped = false;

    for (unsigned i = 0; !popped && i < pool->options.shards; i++) {
        struct two_lock_queue *jobs = &pool->shards[i].jobs;
        end_enter(&jobs->popping);
        popped = two_lock_ready(jobs) > 0;
        if (popped) {
            *job = two_lock_pop(jobs);
            two_lock_tell(jobs);
        }
        end_go(&jobs->popping);
    }
    return popped;
}

/* --- looking -------------------------------------------------------------------------------------------- */

size_t pool_shards_look(const struct pool *pool)
{
    size_t count = 0;

    for (unsigned i = 0; i < pool->options.shards; i++) {
        struct two_lock_queue *jobs = &pool->shards[i].jobs;
        end_enter(&jobs->pushing);
        end_enter(&jobs->popping);
        count += two_lock_ready(jobs);
        end_go(&jobs->popping);
        end_go(&jobs->pushing);
    }
    return count;
}

unsigned long long pool_shards_submitted(const struct pool *pool)
{
    unsigned long long submitted = 0;

    for (unsigned i = 0; i < pool->options.shards; i++)
        submitted += atomic_load_explicit(&pool->shards[i].jobs.pushed, memory_order_acquire);
    return submitted;
}
