/* scaler.h - the loop that asks ten times a second how many workers a pool should have, and sees to it.
 *
 *     struct scaler scaler = {.pool = pool, .floor = 8, .ceiling = 64, .workers = 8, .wish = ask_policy};
 *     if (scaler_begin(&scaler) != POOL_OK) ...
 *     scaler_run(&scaler);                  // until the callers have stopped; in the service's main thread
 *     scaler_end(&scaler);
 *
 * It counts in the series "resizes" and "breaches", which the plan must have: a wish outside the bounds is
 * carried out as far as they allow, and is a breach. Tasks tell it what they have waited. What it shows is
 * raw: the gauges of the moment, and the waits of the last tenth of a second.
 *
 * Only the services include it: the file that a learner edits does not see it.
 */
#ifndef DEEPEND_INCIDENT_PARTS_SCALER_H
#define DEEPEND_INCIDENT_PARTS_SCALER_H

#include "pool_control.h"
#include "service.h"
#include "signals.h"

/* What happened in ten seconds, or in a minute. */
struct scaler_span {
    unsigned resizes;
    unsigned least, most; /* workers */
};

struct scaler {
    struct pool *pool;
    unsigned floor, ceiling; /* as in the options of the pool */
    unsigned workers;        /* asked for last */
    unsigned (*wish)(void *context, const struct pool_sample *sample);
    enum pool_downstream (*downstream)(void *context);               /* NULL: well */
    void (*resized)(void *context, unsigned from, unsigned workers); /* told of each; may be NULL */
    void *context;
    /* its own */
    struct pool_collector *collector;
    unsigned long breaches;                 /* so far */
    struct scaler_span ten_seconds, minute; /* under way */
    int restless; /* more resizes in the last ten seconds than are worth a mark each */
    struct service_alert flapping;
};

/* POOL_NO_MEMORY: nothing was begun. */
enum pool_status scaler_begin(struct scaler *scaler);
void scaler_end(struct scaler *scaler);

/* Tick until the callers have stopped. */
void scaler_run(struct scaler *scaler);

/* A task that has waited so many seconds in the queue has ended. Any thread. */
void scaler_task(struct scaler *scaler, double waited, enum pool_task_result result);

#endif
