/* scaler.c - see scaler.h. A mark on the time axis for each resize, or for each ten seconds when there are many,
 * and a line in the log for each minute that saw one. */
#include "scaler.h"

#include "incident.h"

enum { TICKS = 10 /* a second */, MINUTE = 60 * TICKS, MARKS = 6 /* in ten seconds */ };

static struct scaler_span span_begin(unsigned workers)
{
    return (struct scaler_span){.least = workers, .most = workers};
}

static void span_add(struct scaler_span *span, unsigned workers)
{
    span->resizes++;
    span->least = workers < span->least ? workers : span->least;
    span->most = workers > span->most ? workers : span->most;
}

enum pool_status scaler_begin(struct scaler *scaler)
{
    struct pool_collector_options raw = {.slices = 1, .share = 0.99};

    scaler->ten_seconds = scaler->minute = span_begin(scaler->workers);
    scaler->flapping = (struct service_alert){.name = "PoolFlapping", .most = 30};
    return pool_collector_create(&scaler->collector, &raw);
}

void scaler_end(struct scaler *scaler)
{
    pool_collector_destroy(scaler->collector);
}

void scaler_task(struct scaler *scaler, double waited, enum pool_task_result result)
{
    pool_collector_task(scaler->collector, waited > 0 ? (uint64_t)(waited * 1e9) : 0, result);
}

static unsigned ask(struct scaler *scaler)
{
    struct pool_counts counts = pool_counts(scaler->pool);
    struct pool_gauges now = {(unsigned)counts.queued, (unsigned)counts.running, counts.workers};
    struct pool_sample sample;

    pool_collector_sample(scaler->collector, &now, &sample);
    sample.workers = scaler->workers;
    if (scaler->downstream)
        sample.downstream = scaler->downstream(scaler->context);
    return scaler->wish(scaler->context, &sample);
}

static unsigned inside(struct scaler *scaler, unsigned wish)
{
    unsigned size = wish < scaler->floor ? scaler->floor : wish > scaler->ceiling ? scaler->ceiling : wish;

    if (size != wish) {
        if (scaler->breaches++ == 0)
            incident_log("scaler: %u workers asked for, %u to %u are allowed", wish, scaler->floor,
                         scaler->ceiling);
        incident_count("breaches", 1);
    }
    return size;
}

static void resize(struct scaler *scaler, unsigned size)
{
    unsigned from = scaler->workers;
    enum pool_status status = pool_resize(scaler->pool, size);

    if (status != POOL_OK)
        incident_log("scaler: %u to %u workers: %s", from, size, pool_status_text(status));
    scaler->workers = size;
    span_add(&scaler->ten_seconds, size);
    span_add(&scaler->minute, size);
    incident_count("resizes", 1);
    if (!scaler->restless && scaler->ten_seconds.resizes <= MARKS)
        incident_event("resize", "%u to %u workers", from, size);
    if (scaler->resized)
        scaler->resized(scaler->context, from, size);
}

static void ten_seconds_end(struct scaler *scaler)
{
    const struct scaler_span *span = &scaler->ten_seconds;

    scaler->restless = span->resizes > MARKS;
    if (scaler->restless)
        incident_event("resize", "%u times in ten seconds, between %u and %u workers", span->resizes,
                       span->least, span->most);
    scaler->ten_seconds = span_begin(scaler->workers);
}

static void minute_ends(struct scaler *scaler)
{
    const struct scaler_span *span = &scaler->minute;

    if (span->resizes > 0)
        incident_log("scaler: %u resizes in the last minute, between %u and %u workers", span->resizes,
                     span->least, span->most);
    service_alert_look(&scaler->flapping, span->resizes);
    scaler->minute = span_begin(scaler->workers);
}

void scaler_run(struct scaler *scaler)
{
    unsigned long ticks = (unsigned long)incident_seconds() * TICKS; /* live it may begin later */

    while (incident_seconds() < incident_length()) {
        incident_sleep_until((double)++ticks / TICKS);
        unsigned size = inside(scaler, ask(scaler));
        if (size != scaler->workers)
            resize(scaler, size);
        if (ticks % (10 * TICKS) == 0)
            ten_seconds_end(scaler);
        if (ticks % MINUTE == 0)
            minute_ends(scaler);
    }
    incident_wait();
}
