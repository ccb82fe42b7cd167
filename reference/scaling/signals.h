/* signals.h - what a pool says about its load: a plain sample, and a collector that makes them over a window.
 *
 *     worker, for each task:   pool_collector_task(c, started - queued, POOL_TASK_GOOD);
 *     controller, every tick:  struct pool_gauges now = {queued, running, workers};
 *                              pool_collector_sample(c, &now, &sample);
 *
 * Depth is one read, but tells no time: 10 waiting tasks are 10 ms at 1,000 a second and 2 s at five (X19).
 * Dwell, the time tasks have waited in the queue, is nearest to a promise about waiting; while nothing queues
 * it is 0, however slow the tasks are. Utilisation tells how much is spare, and can never say more than 1.
 * Errors are no reason to grow, but one not to. A reading of a moment is fine for control and wrong for
 * decisions about one task.
 */
#ifndef DEEPEND_POOL_SIGNALS_H
#define DEEPEND_POOL_SIGNALS_H

#include "clock.h"
#include "status.h"

#ifdef __cplusplus
extern "C" {
#endif

enum pool_signal {
    POOL_SIGNAL_DEPTH, /* tasks waiting in the queue */
    POOL_SIGNAL_FILL,  /* depth / capacity of the queue, 0 to 1; 0 when it is unbounded */
    POOL_SIGNAL_DWELL, /* seconds that `share` of the tasks that ended had waited in the queue at most; 0 if
                          none ended */
    POOL_SIGNAL_UTILISATION, /* busy workers / workers, 0 to 1 */
    POOL_SIGNAL_DEMAND,      /* tasks waiting and running: Little's L, in workers */
    POOL_SIGNAL_PRESSURE,    /* demand / workers: utilisation that may exceed 1 */
    POOL_SIGNAL_RATE,        /* tasks that ended in a second */
    POOL_SIGNAL_ERRORS,      /* failed / ended, 0 to 1; 0 if none ended */
    POOL_SIGNALS
};

/* How the service behind the pool is, as a breaker in front of it sees it. Told by the caller. */
enum pool_downstream {
    POOL_DOWNSTREAM_WELL,   /* breaker closed, or there is none */
    POOL_DOWNSTREAM_TRYING, /* half open: a few probes go through */
    POOL_DOWNSTREAM_SICK,   /* open: tasks fail at once */
};

struct pool_sample {
    uint64_t at;                     /* ns, when it was taken */
    unsigned workers;                /* the size asked for last; a controller fills it in */
    enum pool_downstream downstream; /* WELL if nobody says otherwise */
    double value[POOL_SIGNALS];
};

/* --- collecting ---------------------------------------------------------------------------------------- */

struct pool_collector;

enum pool_task_result { POOL_TASK_GOOD, POOL_TASK_BAD };

enum { POOL_COLLECTOR_MOST_SLICES = 256 };

struct pool_collector_options {
    unsigned slices; /* the window: so many calls of pool_collector_sample, 1 to POOL_COLLECTOR_MOST_SLICES */
    double share;    /* of the tasks that the dwell is told for, 0 to 1: 0.99 */
    unsigned capacity;              /* of the queue, for POOL_SIGNAL_FILL; 0: unbounded */
    const struct pool_clock *clock; /* NULL: the system's; copied */
};

/* POOL_INVALID or POOL_NO_MEMORY leave *COLLECTOR NULL. All memory is taken here: 4 KB a slice. */
POOL_MUST_LOOK enum pool_status pool_collector_create(struct pool_collector **collector,
                                                      const struct pool_collector_options *options);
void pool_collector_destroy(struct pool_collector *collector); /* NULL is fine; nobody may use it any more */

/* A task ended that had waited DWELL ns in the queue. Any thread, inside tasks too; two relaxed additions, no
 * lock. */
void pool_collector_task(struct pool_collector *collector, uint64_t dwell, enum pool_task_result result);

struct pool_gauges {
    unsigned queued, running, workers; /* now */
};

/* Read the gauges and tell *SAMPLE about the window that ends now. One thread at a time, the controller's: it
 * keeps the window, which begins at create while there are fewer than `slices` samples. Dwell comes from
 * buckets of an eighth of an octave and is told as the upper edge: at most 12.5 % too much, never too little.
 * WORKERS 0 counts as utilisation 0. POOL_INVALID: a NULL. */
enum pool_status pool_collector_sample(struct pool_collector *collector, const struct pool_gauges *gauges,
                                       struct pool_sample *sample);

#ifdef __cplusplus
}
#endif

#endif
