/* http.h - GET /metrics: a registry for whoever scrapes it, over HTTP.
 *
 *     struct pool_http *http;
 *     struct pool_http_options options = {.metrics = metrics, .port = 9100};
 *     if (pool_http_create(&http, &options) != POOL_OK) ...
 *     printf("http://127.0.0.1:%u/metrics\n", pool_http_port(http));
 *     pool_http_destroy(http);                                    // before the registry
 *
 * Stands on libmicrohttpd (link with -lmicrohttpd); it is the only module that does, so a program that does
 * not use it needs neither. One thread answers, one request after the other. It answers /metrics to GET and
 * HEAD with 200, to other methods with 405; any other path with 404; 500 when memory runs out during a
 * scrape. There is no encryption and no password: it listens on the loopback address unless told otherwise,
 * and what stands before it (a proxy, a network) decides who may ask.
 */
#ifndef DEEPEND_POOL_HTTP_H
#define DEEPEND_POOL_HTTP_H

#include "metrics.h"

#ifdef __cplusplus
extern "C" {
#endif

struct pool_http;

enum { POOL_HTTP_CONNECTIONS = 16, POOL_HTTP_PATIENCE_SECONDS = 10 };

struct pool_http_options {
    struct pool_metrics *metrics; /* must outlive it */
    const char *address;          /* IPv4 or IPv6 in digits; NULL: "127.0.0.1" */
    unsigned port;                /* up to 65535; 0: any that is free */
};

/* Listen, and start the thread. POOL_INVALID, POOL_NO_MEMORY, POOL_SYSTEM (no socket at that address),
 * POOL_NO_THREAD: *HTTP is NULL and nothing is left. At most POOL_HTTP_CONNECTIONS at a time, closed after
 * POOL_HTTP_PATIENCE_SECONDS of silence. */
POOL_MUST_LOOK enum pool_status pool_http_create(struct pool_http **http,
                                                 const struct pool_http_options *options);

/* The port where it listens; 0 for NULL. */
unsigned pool_http_port(const struct pool_http *http);

/* Finish the request that is being answered, close the connections, join the thread, free. NULL is fine. From
 * inside a source that a request reads POOL_WOULD_DEADLOCK, nothing changed. */
enum pool_status pool_http_destroy(struct pool_http *http);

#ifdef __cplusplus
}
#endif

#endif
