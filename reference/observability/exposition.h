/* exposition.h - a registry as text: Prometheus' text format, version 0.0.4.
 *
 *     char *text;
 *     size_t length;
 *     if (pool_metrics_write(metrics, &text, &length) == POOL_OK) {
 *         fwrite(text, 1, length, stdout);
 *         free(text);
 *     }
 *
 * Source: Prometheus, "Exposition formats", text-based format 0.0.4. Families stand in the order in which
 * they were registered, each with HELP and TYPE once; labels stand in the order of their names, `le` last; no
 * timestamps. Numbers are written with a dot in every locale, and read back to the same double.
 */
#ifndef DEEPEND_POOL_EXPOSITION_H
#define DEEPEND_POOL_EXPOSITION_H

#include "metrics.h"

#ifdef __cplusplus
extern "C" {
#endif

/* What to send as Content-Type with it. */
#define POOL_EXPOSITION_TYPE "text/plain; version=0.0.4; charset=utf-8"

/* Ask every source, then write every series. *TEXT is the caller's to free() and has a 0 at *LENGTH. One
 * scrape at a time: another waits until the first is done, so that no scraper ever sees a polled counter go
 * down; a source that blocks therefore blocks all. From inside a source's read POOL_WOULD_DEADLOCK.
 * POOL_NO_MEMORY and POOL_INVALID (NULL) too leave *TEXT NULL. Recording goes on meanwhile. */
POOL_MUST_LOOK enum pool_status pool_metrics_write(struct pool_metrics *metrics, char **text, size_t *length);

#ifdef __cplusplus
}
#endif

#endif
