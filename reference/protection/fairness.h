/* fairness.h - many tenants, one pool: each has a queue of its own, and the pick goes round among them.
 *
 *     struct pool_fairness *fair;
 *     pool_fairness_create(&fair, &(struct pool_fairness_options){.pick = POOL_FAIRNESS_ROUND_ROBIN,
 *         .tenants = 1000, .items = 4096, .per_tenant = 64, .running = 8, .idle = 60 * POOL_SECOND});
 *     if (pool_fairness_put(fair, tenant, 1, item) != POOL_OK) ...         // the noisy one is told: its
 * queue is full struct pool_fairness_job job;                                        // a worker: while
 * (pool_fairness_take(fair, &job, &deadline) == POOL_OK) { work(job.item); pool_fairness_done(fair, &job);
 *     }
 *
 * Round robin gives each tenant with work its turn, `weight` items at a time. Deficit round robin shares by
 * cost instead: each turn is worth `quantum` * weight, saved up until the next item can be paid (M.
 * Shreedhar, G. Varghese, "Efficient fair queuing using deficit round robin", IEEE/ACM Transactions on
 * Networking 4(3), 1996). Both approximate weighted fair queueing, one resource shared by weight; sharing
 * several resources at once is dominant resource fairness, which this is not (X41). `running` caps how many
 * of one tenant are at work; a rate would not do that (X20).
 *
 * A tenant's entry is made when it first puts something, and forgotten when it has had nothing queued,
 * running or pinned for `idle` (I39). A job holds its entry, so none is forgotten under a worker's hands
 * (X30, I18).
 *
 * Any thread may call any function; only pool_fairness_take sleeps. No memory is allocated after create.
 * POOL_INVALID answers NULL.
 */
#ifndef DEEPEND_POOL_FAIRNESS_H
#define DEEPEND_POOL_FAIRNESS_H

#include "clock.h"
#include "status.h"
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#ifdef __cplusplus
extern "C" {
#endif

struct pool_fairness;
struct pool_tenant;

enum pool_fairness_pick { POOL_FAIRNESS_ROUND_ROBIN, POOL_FAIRNESS_DEFICIT };

enum { POOL_FAIRNESS_MOST = 1 << 24, POOL_FAIRNESS_MOST_WEIGHT = 1 << 16 };
#define POOL_FAIRNESS_MOST_COST (UINT64_C(1) << 40)

/* 0 is refused (M27) where a number is looked at, but for `idle`. */
struct pool_fairness_options {
    enum pool_fairness_pick pick;
    size_t tenants;    /* that are known at one time, 1 to POOL_FAIRNESS_MOST */
    size_t items;      /* queued by all together, 1 to POOL_FAIRNESS_MOST */
    size_t per_tenant; /* queued by one */
    size_t running;    /* taken and not done of one */
    uint64_t quantum;  /* DEFICIT: 1 to POOL_FAIRNESS_MOST_COST; the usual cost is a good one */
    uint64_t idle; /* ns until an idle tenant is forgotten, as others come; sooner if its place is needed */
    void (*discard)(void *item);    /* gets what is queued at destroy, without any lock; may be NULL */
    const struct pool_clock *clock; /* copied; NULL: the system's */
};

POOL_MUST_LOOK enum pool_status pool_fairness_create(struct pool_fairness **fair,
                                                     const struct pool_fairness_options *options);

/* Queue ITEM for TENANT. COST is 1 to POOL_FAIRNESS_MOST_COST; round robin does not look at it. POOL_OK: it
 * is the queue's. POOL_FULL: this tenant's queue, the common store, or the table of tenants is. POOL_STOPPED.
 */
POOL_MUST_LOOK enum pool_status pool_fairness_put(struct pool_fairness *fair, uint64_t tenant, uint64_t cost,
                                                  void *item);

/* What a worker got. Plain data, the caller's, until `done`. */
struct pool_fairness_job {
    void *item;
    uint64_t tenant, cost;
    struct pool_tenant *entry; /* the module's; NULL once done */
};

/* Take the next item; wait for one until DEADLINE (CLOCK_MONOTONIC; NULL: do not wait). POOL_OK. POOL_EMPTY:
 * none may start now, and DEADLINE is NULL. POOL_TIMED_OUT. POOL_STOPPED: stopped, and nothing is left. Items
 * of one tenant come in the order in which they were put. */
POOL_MUST_LOOK enum pool_status pool_fairness_take(struct pool_fairness *fair, struct pool_fairness_job *job,
                                                   const struct timespec *deadline);

/* The job is done, however it went; its tenant may have another one taken. POOL_INVALID, and nothing changes,
 * for a JOB that was done before. */
enum pool_status pool_fairness_done(struct pool_fairness *fair, struct pool_fairness_job *job);

/* Keep TENANT's entry, and give it WEIGHT, 1 to POOL_FAIRNESS_MOST_WEIGHT, until as many unpins as pins. The
 * last WEIGHT said holds; after the last unpin it is 1. POOL_FULL: no room for an entry. Unpinning what is
 * not pinned is POOL_INVALID. */
enum pool_status pool_fairness_pin(struct pool_fairness *fair, uint64_t tenant, unsigned weight);
enum pool_status pool_fairness_unpin(struct pool_fairness *fair, uint64_t tenant);

/* Take no more items in; those that are queued can still be taken. Again is fine. */
enum pool_status pool_fairness_stop(struct pool_fairness *fair);

/* Snapshots. accepted = queued + running + done. One TENANT's: all 0 if it is not known. */
struct pool_fairness_counts {
    size_t tenants, queued, running;
    size_t waiting; /* threads that sleep in take; 0 for one tenant */
    unsigned long long accepted, done, refused, forgotten;
};
struct pool_fairness_counts pool_fairness_counts(struct pool_fairness *fair);
struct pool_fairness_counts pool_fairness_tenant(struct pool_fairness *fair, uint64_t tenant);

/* Free it; what is queued goes to `discard`. NULL is fine. Nobody may wait in take (asserted) or call later.
 */
void pool_fairness_destroy(struct pool_fairness *fair);

#ifdef __cplusplus
}
#endif

#endif
