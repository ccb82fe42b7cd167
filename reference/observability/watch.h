/* watch.h - a pool's thirteen numbers in a registry, under the names that the field gives them.
 *
 *     struct pool_watch_options options = {.metrics = metrics, .pool = pool, .name = "mail", .size = 4};
 *     if (pool_watch_create(&watch, &options) != POOL_OK) ...
 *     job->task = (struct pool_watched){.run = send, .discard = give_up};
 *     if (pool_watch_submit(watch, &job->task, NULL) != POOL_OK) ...  // as pool_submit, with durations
 *     pool_watch_destroy(watch);                                      // before the pool
 *
 * The field has lists of nine, nine and six names that overlap and call themselves ten (X16, M28). Here is
 * the one table, thirteen meanings with one name each; two have a second name, published on request:
 *
 *     pool_running        (pool_busy)        workers that run a task                       from pool_counts
 *     pool_queue_depth                       tasks that wait in the queue                  from pool_counts
 *     pool_submitted_total                   tasks accepted                                from pool_counts
 *     pool_completed_total                   tasks that ran to their end, well or badly    from pool_counts
 *     pool_dropped_total                     tasks refused or discarded                    from pool_counts
 *     pool_capacity                          workers there may be at most                  told
 *     pool_size                              workers there are                             told
 *     pool_resizes_total{direction}          how often that went up and down               told
 *     pool_waiting                           threads inside a submit, with room or not     from the submits
 *     pool_panicked_total                    tasks that ended badly                        from the tasks
 *     pool_submit_duration_seconds           time inside a submit: blocked for room        from the submits
 *     pool_wait_seconds                      time from that submit's begin to the start    from the tasks
 *     pool_task_duration_seconds (pool_process_seconds)  from the start to the end         from the tasks
 *
 * Those from pool_counts are of one moment: they balance in every scrape. Time blocked and time queued are
 * different things: what a task spent in the queue alone is its wait less its submit; a submit that does not
 * block makes them the same.
 */
#ifndef DEEPEND_POOL_WATCH_H
#define DEEPEND_POOL_WATCH_H

#include "clock.h"
#include "metrics.h"
#include "pool.h"

#ifdef __cplusplus
extern "C" {
#endif

struct pool_watch;

enum pool_watch_names {
    POOL_NAMES_ONE, /* one name for each meaning */
    POOL_NAMES_ALL  /* the second names as well, for dashboards that know only those */
};

struct pool_watch_options {
    struct pool_metrics *metrics; /* must outlive the watch, as must */
    struct pool *pool;            /* this */
    const char *name;             /* the label `pool` of all its series; NULL: no label, for the only pool */
    unsigned size, capacity;      /* workers there are, and may be; capacity 0: as many as size */
    enum pool_watch_names names;
    const struct pool_clock *clock; /* for durations; NULL: CLOCK_MONOTONIC */
};

/* Register all of it. POOL_INVALID also if the registry has a watch of that name. POOL_REJECTED (the
 * registry's series limit), POOL_NO_MEMORY: *WATCH is NULL; histograms that were registered stay, at zero. */
POOL_MUST_LOOK enum pool_status pool_watch_create(struct pool_watch **watch,
                                                  const struct pool_watch_options *options);

/* Take the series out, but for the histograms: those belong to the registry and go on if a watch of the same
 * name comes again, as a histogram must that only grows. When no watched task is left in the pool: after a
 * drain or a stop. NULL is fine. From inside a scrape POOL_WOULD_DEADLOCK, nothing changed. */
enum pool_status pool_watch_destroy(struct pool_watch *watch);

/* --- tasks whose times are taken --------------------------------------------------------------------------
 */

/* Lies in the submitter's memory, like a pool_job. Once accepted exactly one of the two is called, as
 * pool_submit_job has it; the task may free itself there. RUN answers POOL_OK, or anything else: it ended
 * badly. */
struct pool_watched {
    enum pool_status (*run)(struct pool_watched *task);
    void (*discard)(struct pool_watched *task);

    /* The watch's own. */
    struct pool_job job;
    struct pool_watch *watch;
    uint64_t offered;
};

/* pool_submit_job, with its answers. POOL_INVALID also if a function is missing. */
POOL_MUST_LOOK enum pool_status pool_watch_submit(struct pool_watch *watch, struct pool_watched *task,
                                                  const struct timespec *deadline);

/* --- for those who take the times themselves ---------------------------------------------------------------
 */

/* Any thread, none blocks; a NULL watch is switched off. SHARD as in metrics.h; times in nanoseconds. */
void pool_watch_submit_begins(struct pool_watch *watch);
void pool_watch_submit_ended(struct pool_watch *watch, unsigned shard, uint64_t took);
void pool_watch_task_waited(struct pool_watch *watch, unsigned shard, uint64_t waited);
void pool_watch_task_ended(struct pool_watch *watch, unsigned shard, uint64_t took, enum pool_status how);

/* There are SIZE workers now. Counts a resize if that is new, by its direction. */
void pool_watch_resized(struct pool_watch *watch, unsigned size);

/* --- the process
 * -------------------------------------------------------------------------------------------- */

/* Register `process_threads` and `process_resident_memory_bytes`, read from /proc at each scrape; where there
 * is none they are NaN. As pool_metrics_poll. */
POOL_MUST_LOOK enum pool_status pool_watch_process(struct pool_metrics *metrics,
                                                   struct pool_metrics_source **source);

#ifdef __cplusplus
}
#endif

#endif
