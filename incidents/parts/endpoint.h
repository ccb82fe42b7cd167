/* endpoint.h - the metrics of a service that runs in real time, for a real Prometheus.
 *
 * In virtual time nothing of it is linked, and the functions are NULL; service.c calls them.
 */
#ifndef DEEPEND_INCIDENT_PARTS_ENDPOINT_H
#define DEEPEND_INCIDENT_PARTS_ENDPOINT_H

#include "pool.h"

#define ONLY_LIVE __attribute__((weak))

/* Publish POOL under the names of watch.h, the series of the timeline as incident_NAME, and the process, on
 * 127.0.0.1, at the port that was asked for. CEILING: workers the pool may have at most, 0: as many as now.
 * Where it listens, or why it does not, is told in the file of evidence "endpoint". One at a time. */
void endpoint_start(struct pool *pool, unsigned ceiling) ONLY_LIVE;

/* The pool has so many workers now. */
void endpoint_workers(unsigned workers) ONLY_LIVE;

/* Close it, before the pool is destroyed. */
void endpoint_stop(void) ONLY_LIVE;

#endif
