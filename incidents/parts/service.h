/* service.h - what the services of several incidents have in common.
 *
 * Only the services include it: the file that a learner edits does not see it.
 */
#ifndef DEEPEND_INCIDENT_PARTS_SERVICE_H
#define DEEPEND_INCIDENT_PARTS_SERVICE_H

#include "pool.h"

/* Show POOL as the series "depth" (tasks that wait), "busy" and "workers", which the plan must have. One pool
 * at a time; say that it goes before it is destroyed. In real time its metrics are published as well (endpoint.h).
 * That of a pool that is resized: say how many workers it may have. */
void service_watch(struct pool *pool);
void service_watch_up_to(struct pool *pool, unsigned ceiling);
void service_unwatch(void);

/* Raise the alert NAME when DEPTH goes over MOST, and say when it is below again; to be called with each new
 * value. One line in the log, one mark on the time axis. */
struct service_alert {
    const char *name;
    double most;
    int is_raised;
};
void service_alert_look(struct service_alert *alert, double value);

#endif
