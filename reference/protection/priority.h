/* priority.h - a queue in which the urgent go first and nobody waits for ever.
 *
 *     struct pool_priority *queue;
 *     struct pool_priority_options options = {.levels = 3, .items = 1024, .age = POOL_SECOND};
 *     if (pool_priority_create(&queue, &options) != POOL_OK) ...
 *     if (pool_priority_put(queue, 0, item) != POOL_OK) ...       // 0 is the most urgent level
 *     while (pool_priority_take(queue, &item, &deadline) == POOL_OK)
 *         work(item);
 *
 * An item moves up one level for each `age` that it has waited. All age alike, so the order of any two never
 * changes: it is that of arrival + level * age, known when the item is put, and no queue is ever sorted
 * again. Hence the promise: an item of level L is overtaken only by items of higher levels that come within L
 * * age after it; what comes later starts later. Strict priority is `age` POOL_PRIORITY_STRICT: there the
 * lowest level starves as long as the others keep the workers busy (M39). Within a level it is first in,
 * first out.
 *
 * Linear ageing is L. Kleinrock's, "A delay dependent queue discipline", Naval Research Logistics Quarterly
 * 11, 1964, here with one slope for all. It orders who starts: an item that runs is never interrupted, so an
 * urgent one waits for a worker all the same (X86); a pool of its own does not (bulkhead.h). Priority
 * inversion, an urgent task that waits for a lock which a task still in this queue would release, it cannot
 * cure; ageing only bounds how long it lasts.
 *
 * Any thread may call any function; only pool_priority_take sleeps. No memory is allocated after create.
 * POOL_INVALID answers NULL.
 */
#ifndef DEEPEND_POOL_PRIORITY_H
#define DEEPEND_POOL_PRIORITY_H

#include "clock.h"
#include "status.h"
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#ifdef __cplusplus
extern "C" {
#endif

struct pool_priority;

enum { POOL_PRIORITY_MOST_LEVELS = 64, POOL_PRIORITY_MOST_ITEMS = 1 << 24 };
#define POOL_PRIORITY_MOST_AGE (UINT64_C(1) << 56) /* two years */
#define POOL_PRIORITY_STRICT   UINT64_MAX

/* 0 is refused (M27). */
struct pool_priority_options {
    unsigned levels; /* 1 to POOL_PRIORITY_MOST_LEVELS */
    size_t items;    /* queued at all levels together, 1 to POOL_PRIORITY_MOST_ITEMS */
    uint64_t age;    /* ns of waiting that are worth a level, up to POOL_PRIORITY_MOST_AGE, or _STRICT */
    void (*discard)(void *item);    /* gets what is queued at destroy, without any lock; may be NULL */
    const struct pool_clock *clock; /* copied; NULL: the system's */
};

POOL_MUST_LOOK enum pool_status pool_priority_create(struct pool_priority **queue,
                                                     const struct pool_priority_options *options);

/* Queue ITEM at LEVEL (0: the most urgent). POOL_OK: it is the queue's. POOL_FULL, POOL_STOPPED; POOL_INVALID
 * for a level that there is not. Never waits. */
POOL_MUST_LOOK enum pool_status pool_priority_put(struct pool_priority *queue, unsigned level, void *item);

/* Take the item whose turn it is; wait for one until DEADLINE (CLOCK_MONOTONIC; NULL: do not wait). POOL_OK;
 * else *ITEM is NULL: POOL_EMPTY (DEADLINE is NULL), POOL_TIMED_OUT, or POOL_STOPPED, stopped and nothing
 * left. */
POOL_MUST_LOOK enum pool_status pool_priority_take(struct pool_priority *queue, void **item,
                                                   const struct timespec *deadline);

/* Take no more items in; those that are queued can still be taken. Again is fine. */
enum pool_status pool_priority_stop(struct pool_priority *queue);

/* A snapshot, of all levels or of one; all 0 for a level that there is not. put = taken + queued. */
struct pool_priority_counts {
    size_t queued, waiting; /* items; threads that sleep in take, 0 for one level */
    uint64_t oldest;        /* ns that the oldest queued item has waited */
    unsigned long long put, taken, refused;
};
struct pool_priority_counts pool_priority_counts(struct pool_priority *queue);
struct pool_priority_counts pool_priority_level(struct pool_priority *queue, unsigned level);

/* Free it; what is queued goes to `discard`, the most urgent level first. NULL is fine. Nobody may wait in
 * take (asserted) or call later. */
void pool_priority_destroy(struct pool_priority *queue);

#ifdef __cplusplus
}
#endif

#endif
