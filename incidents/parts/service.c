/* service.c - see service.h. */
#include "service.h"

#include "endpoint.h"
#include "incident.h"

static double read_depth(void *pool)
{
    return (double)pool_counts(pool).queued;
}

static double read_busy(void *pool)
{
    return (double)pool_counts(pool).running;
}

static double read_workers(void *pool)
{
    unsigned workers = pool_counts(pool).workers;

    if (endpoint_workers)
        endpoint_workers(workers);
    return workers;
}

void service_watch(struct pool *pool)
{
    service_watch_up_to(pool, 0);
}

void service_watch_up_to(struct pool *pool, unsigned ceiling)
{
    if (endpoint_watch)
        endpoint_watch(pool, ceiling);
    incident_gauge("depth", read_depth, pool);
    incident_gauge("busy", read_busy, pool);
    incident_gauge("workers", read_workers, pool);
}

void service_unwatch(void)
{
    incident_gauge_gone("depth");
    incident_gauge_gone("busy");
    incident_gauge_gone("workers");
    if (endpoint_unwatch)
        endpoint_unwatch();
}

void service_alert_look(struct service_alert *alert, double value)
{
    if (value > alert->most && !alert->is_raised) {
        alert->is_raised = 1;
        incident_event("alert", "%s: %.0f, more than %.0f", alert->name, value, alert->most);
        incident_log("ALERT %s %.0f", alert->name, value);
    } else if (value < alert->most / 2 && alert->is_raised) {
        alert->is_raised = 0;
        incident_event("alert", "%s resolved", alert->name);
        incident_log("RESOLVED %s %.0f", alert->name, value);
    }
}
