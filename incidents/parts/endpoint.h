/* endpoint.h - the metrics of a service that runs in real time, for a real Prometheus.
 *
 * The engine opens the endpoint before the service begins and closes it in the end: the process and the series
 * of the timeline, as incident_NAME, are there all the time. In virtual time nothing of it is linked, and the
 * functions below are NULL; service.c calls them.
 */
#ifndef DEEPEND_INCIDENT_PARTS_ENDPOINT_H
#define DEEPEND_INCIDENT_PARTS_ENDPOINT_H

#include "pool.h"

#define ONLY_LIVE __attribute__((weak))

/* Publish POOL as well, under the names of watch.h. CEILING: workers it may have at most, 0: as many as now. One
 * pool at a time; another is left out. */
void endpoint_watch(struct pool *pool, unsigned ceiling) ONLY_LIVE;

/* The pool has so many workers now. */
void endpoint_workers(unsigned workers) ONLY_LIVE;

/* No more of it: it is about to be destroyed, and no task is left in it. */
void endpoint_unwatch(void) ONLY_LIVE;

#endif
