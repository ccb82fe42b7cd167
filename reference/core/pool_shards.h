/* pool_shards.h - queues for those who submit from outside, each with locks of its own. Private to this room.
 *
 *     enum pool_status status = pool_shards_push(pool, &job, 1, &taken);   // a submitter: not the pool's lock
 *     if (pool_shards_take(me, &job)) ...                                   // a worker, with or without it
 *
 * A submitting thread always comes to the same shard, so its own tasks stay in order, and two threads seldom
 * meet at a lock. A worker looks at one shard after the other, beginning behind the one that it took from
 * last, and takes a share of what it finds into its hand: so what lies in one shard is everybody's.
 *
 * What is proved with the one lock of the pool is proved here with the two of each shard: who takes one later
 * sees what was written by who had it before. Below, "looks" is: takes both of a shard's locks.
 *
 * - No sleeper is missed. A submitter pushes under the lock of that end, and there reads `callable`, `summoned`
 *   and `spinning`. A worker writes these first (it is idle; it has come; it spins no more) and then looks at
 *   all shards. Of push and look one comes second, and that one sees the other.
 * - Nothing lies in a hand that a sleeper could have had. A worker deals to itself under the lock of the popping
 *   end, and only one job if somebody is idle. Who falls asleep looks at all shards first and at the hands after
 *   that: what had left a shard by then is in a hand, or was begun.
 * - Nothing is accepted after the end. `closed` is written, then the end looks at all shards: a push before
 *   that is there to be seen, one after it reads `closed`.
 * - Nobody touches a pool that is gone. After the push a submitter lets go of the shard and is done; if it has
 *   to call a worker it has counted itself in `callers` before, and the end waits for these.
 */
#ifndef DEEPEND_POOL_SHARDS_H
#define DEEPEND_POOL_SHARDS_H

#include "pool.h"
#include "pool_monitor.h"
#include "pool_two_lock.h"
#include <stdatomic.h>

struct worker;

/* `pushed` of its queue is also how many were ever submitted here. */
struct shard {
    struct two_lock_queue jobs;
};

POOL_MUST_LOOK enum pool_status pool_shards_create(struct pool *pool);
void pool_shards_destroy(struct pool *pool);

/* Queue the first *TAKEN of COUNT jobs, at least one, in this thread's shard, and call workers. POOL_OK: all.
 * POOL_STOPPED, POOL_NO_MEMORY, POOL_NO_THREAD. The pool's lock is not held. */
POOL_MUST_LOOK enum pool_status pool_shards_push(struct pool *pool, const struct pool_item *jobs,
                                                 size_t count, size_t *taken);

/* One job to run, and a share into the hand, which is empty. False: none was seen, or nobody may begin one. */
bool pool_shards_take(struct worker *me, struct pool_item *job);

/* Any thread; only what is left over, to be thrown out. */
bool pool_shards_pop(struct pool *pool, struct pool_item *job);

/* Look at all shards. Returns how many jobs are in them. */
size_t pool_shards_look(const struct pool *pool);

unsigned long long pool_shards_submitted(const struct pool *pool);

#endif
