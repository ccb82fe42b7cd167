/* endpoint.c - see endpoint.h. The reference library's metrics, watch and http, put together.
 *
 * The policy submits to the pool as it likes, so the durations that watch.h wants to be told come from the
 * engine: the time that a caller is held up at the door is that of its submit (with the little that the service
 * does before), the wait is counted from when the caller wanted to come, and a task lasts from request_begins
 * to request_ends. What fails without it (no memory, a port that is taken) leaves the service running.
 */
#include "endpoint.h"

#include "http.h"
#include "incident_live.h"
#include "watch.h"

#include <stdio.h>

enum { SHARDS = 8, SERIES_MOST_HERE = 32, NAME_BYTES = 64 };

static struct {
    struct pool_metrics *metrics;
    struct pool_watch *watch;
    struct pool_metrics_source *process, *series;
    struct pool_http *http;
} endpoint;

/* --- what the engine tells ----------------------------------------------------------------------------- */

static uint64_t nanoseconds(double seconds)
{
    return seconds > 0 ? (uint64_t)(seconds * 1e9) : 0;
}

static void comes(void)
{
    pool_watch_submit_begins(endpoint.watch);
}

static void went(const struct request *request, double seconds)
{
    pool_watch_submit_ended(endpoint.watch, (unsigned)request->id, nanoseconds(seconds));
}

static void begins(const struct request *request, double seconds)
{
    pool_watch_task_waited(endpoint.watch, (unsigned)request->id, nanoseconds(seconds));
}

/* What was refused or dropped was no task that ran. */
static void ends(const struct request *request, enum request_end how, double seconds)
{
    if (seconds >= 0)
        pool_watch_task_ended(endpoint.watch, (unsigned)request->id, nanoseconds(seconds),
                              how == REQUEST_COMPLETED ? POOL_OK : POOL_FAILED);
}

static const struct incident_observer observer = {comes, went, begins, ends};

/* --- the series of the timeline ------------------------------------------------------------------------ */

static void read_series(void *unused, double *values)
{
    struct incident_value now[SERIES_MOST_HERE];
    unsigned count = incident_values(now, SERIES_MOST_HERE);

    (void)unused;
    for (unsigned i = 0; i < count; i++)
        values[i] = now[i].value;
}

/* As incident_NAME; counters end in _total. */
static enum pool_status publish_series(void)
{
    struct incident_value now[SERIES_MOST_HERE];
    unsigned count = incident_values(now, SERIES_MOST_HERE);
    struct pool_polled polled[SERIES_MOST_HERE] = {0};
    char names[SERIES_MOST_HERE][NAME_BYTES];

    for (unsigned i = 0; i < count; i++) {
        int is_counter = now[i].fold == SERIES_COUNT;
        snprintf(names[i], NAME_BYTES, "incident_%s%s", now[i].name, is_counter ? "_total" : "");
        polled[i].kind = is_counter ? POOL_POLLED_COUNTER : POOL_POLLED_GAUGE;
        polled[i].series.name = names[i];
        polled[i].series.help = "A series of the incident's timeline.";
    }
    return pool_metrics_poll(endpoint.metrics, polled, count, read_series, NULL, &endpoint.series);
}

/* --- the pool ------------------------------------------------------------------------------------------ */

void endpoint_watch(struct pool *pool, unsigned ceiling)
{
    unsigned workers = pool_counts(pool).workers;
    struct pool_watch_options options = {.metrics = endpoint.metrics,
                                         .pool = pool,
                                         .size = workers,
                                         .capacity = ceiling > workers ? ceiling : workers,
                                         .names = POOL_NAMES_ALL};

    if (!endpoint.metrics || endpoint.watch)
        return;
    enum pool_status status = pool_watch_create(&endpoint.watch, &options);
    if (status == POOL_OK)
        incident_observe(&observer);
    else
        incident_log("the pool's metrics are not published: %s", pool_status_text(status));
}

void endpoint_workers(unsigned workers)
{
    pool_watch_resized(endpoint.watch, workers);
}

/* Callers and workers have come to their end. */
void endpoint_unwatch(void)
{
    incident_observe(NULL);
    pool_watch_destroy(endpoint.watch);
    endpoint.watch = NULL;
}

/* --- begin and end ------------------------------------------------------------------------------------- */

static enum pool_status open_it(void)
{
    struct pool_metrics_options metrics = {.shards = SHARDS};
    struct pool_http_options http = {.port = incident_port()};
    enum pool_status status = pool_metrics_create(&endpoint.metrics, &metrics);

    if (status == POOL_OK)
        status = publish_series();
    if (status == POOL_OK)
        status = pool_watch_process(endpoint.metrics, &endpoint.process);
    http.metrics = endpoint.metrics;
    return status == POOL_OK ? pool_http_create(&endpoint.http, &http) : status;
}

void incident_opens(void)
{
    enum pool_status status = open_it();

    if (status == POOL_OK)
        incident_write("endpoint", "http://127.0.0.1:%u/metrics", pool_http_port(endpoint.http));
    else {
        incident_write("endpoint", "none at port %u: %s", incident_port(), pool_status_text(status));
        incident_closes();
    }
}

void incident_closes(void)
{
    pool_http_destroy(endpoint.http);
    endpoint_unwatch();
    if (endpoint.metrics) {
        pool_metrics_unpoll(endpoint.metrics, endpoint.series);
        pool_metrics_unpoll(endpoint.metrics, endpoint.process);
    }
    pool_metrics_destroy(endpoint.metrics);
    endpoint.http = NULL;
    endpoint.series = endpoint.process = NULL;
    endpoint.metrics = NULL;
}
