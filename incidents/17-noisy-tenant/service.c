/* service.c - reports: five customers order them, ten workers have them rendered page by page.
 *
 * A page takes 20 ms, so 500 a second can be had. On a usual day 67 are asked for. A sends 1,000 slow reports
 * at 2:00, many small ones from 3:30 and few long ones from 5:30; at 7:30 the month ends and all of them want
 * more than there is. The thousand and the one in 100 ms are the catalogue's.
 */
#include "incident.h"

#include "../parts/service.h"
#include "books.h"
#include "policy.h"
#include "clock.h"
#include "pool_control.h"
#include "pool_task.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum { A = TENANT_A, B, C, D, E, CORES = 10, MOST_WORKERS = 64, SPELLS_LAST = 600 };

static const double page_seconds = 0.020;
static const char *const names[TENANTS] = {"A", "B", "C", "D", "E"};

/* --- who asks for what --------------------------------------------------------------------------------- */

/* The last that fits holds. A shorter run, as that above ThreadSanitizer, has all of them closer together. */
static const struct spell {
    unsigned tenant;
    double from, to; /* seconds */
    double per_second;
    unsigned pages;
} spells[] = {
    {A, 0, 600, 10, 2},    {B, 0, 600, 10, 1},   {C, 0, 600, 15, 1},     {D, 0, 600, 5, 2},
    {E, 0, 600, 3, 4},     {A, 10, 11, 80, 5},   {A, 120, 121, 1000, 5}, {A, 210, 250, 700, 1},
    {A, 330, 370, 12, 50}, {A, 450, 510, 80, 5}, {B, 450, 510, 120, 1},  {C, 450, 510, 120, 1},
    {D, 450, 510, 60, 2},  {E, 450, 510, 30, 4},
};

static const struct spell *spell_of(unsigned tenant, double second)
{
    const struct spell *found = NULL;

    second *= SPELLS_LAST / incident_length();
    for (size_t i = 0; i < sizeof spells / sizeof spells[0]; i++)
        if (spells[i].tenant == tenant && second >= spells[i].from && second < spells[i].to)
            found = &spells[i];
    return found;
}

/* --- the service --------------------------------------------------------------------------------------- */

struct service {
    struct pool *pool;
    struct policy *policy;
    struct incident_downstream renderer;
    struct caller {
        struct service *service;
        unsigned tenant;
    } callers[TENANTS];
    struct service_alert slow, deep;
};

struct report {
    struct request *request;
    unsigned tenant, pages;
    unsigned long number; /* in the books */
};

unsigned report_tenant(const struct report *report)
{
    return report->tenant;
}

unsigned report_pages(const struct report *report)
{
    return report->pages;
}

double report_age(const struct report *report)
{
    return incident_seconds() - report->request->arrived;
}

static double latency(unsigned in_flight, double second)
{
    (void)second;
    return in_flight <= CORES ? page_seconds : page_seconds * in_flight / CORES;
}

/* --- one report ---------------------------------------------------------------------------------------- */

static void render(struct service *service, struct report *report)
{
    static const char *const labels[TENANTS] = {"renders for A", "renders for B", "renders for C",
                                                "renders for D", "renders for E"};
    enum request_end end = REQUEST_COMPLETED;
    double waited = fmax(0, report_age(report));

    pool_task_label(labels[report->tenant]);
    request_begins(report->request);
    incident_tell("longest_wait_s", waited);
    books_begins(report->tenant, report->number, waited);
    for (unsigned page = 0; page < report->pages; page++) {
        if (incident_call(&service->renderer, report->request) != 0)
            end = REQUEST_FAILED;
        books_page(report->tenant);
    }
    request_ends(report->request, end);
    free(report);
}

/* A worker is free. */
static void work(void *context)
{
    struct service *service = context;
    struct turn turn = {0};

    policy_next(service->policy, &turn);
    if (!turn.report) {
        incident_log("a worker was sent away without a report");
        return;
    }
    render(service, turn.report);
    policy_done(service->policy, &turn);
}

/* --- the door ------------------------------------------------------------------------------------------ */

static void refuse(struct report *report)
{
    books_refuses(report->tenant, report->number);
    if (books_asks_little(report->tenant))
        incident_count("turned_away", 1);
    request_ends(report->request, REQUEST_REJECTED);
    free(report);
}

static void arrive(struct request *request, void *context)
{
    const struct caller *caller = context;
    struct service *service = caller->service;
    struct report *report = malloc(sizeof *report);

    if (!report) {
        request_ends(request, REQUEST_REJECTED);
        return;
    }
    *report = (struct report){.request = request, .tenant = caller->tenant};
    report->pages = spell_of(report->tenant, request->arrived)->pages;
    report->number = books_asks(report->tenant, report->pages);
    if (!policy_take(service->policy, report))
        refuse(report);
    else if (pool_submit(service->pool, work, service) != POOL_OK)
        incident_log("no memory to call a worker");
}

static double rate(double second, void *context)
{
    const struct caller *caller = context;
    return spell_of(caller->tenant, second)->per_second;
}

/* --- what is measured and told ------------------------------------------------------------------------- */

static const struct {
    const char *name;
    double (*read)(void *unused);
} gauges[] = {{"waiting", books_all_waiting},
              {"waiting_of_a", books_waiting_of_a},
              {"longest_wait_s", books_oldest},
              {"b_wait_ms", books_wait_of_b},
              {"jain", books_jain},
              {"a_of_idle", books_a_of_idle}};

/* What else goes on, at its hours. */
static const struct {
    unsigned second;
    const char *text;
} chores[] = {{45, "housekeeping: 312 reports older than a year removed in 0.2 s"},
              {83, "config: revision 118 read, nothing changed for this service"},
              {117, "renderer: the font cache is 93 % full"},
              {205, "tls: the certificate of the order page ends in 12 days"},
              {316, "housekeeping: 290 reports older than a year removed in 0.2 s"}};

enum { CHORES = sizeof chores / sizeof chores[0] };

/* Pages, so far. */
struct shares {
    unsigned long asked[TENANTS], got[TENANTS];
};

enum { GAUGES = sizeof gauges / sizeof gauges[0] };

static void dump(struct service *service)
{
    struct pool_worker_info info[MOST_WORKERS];
    unsigned count = pool_workers(service->pool, info, MOST_WORKERS);
    uint64_t now = pool_clock_now(NULL);

    incident_write("dump", "%u workers at %.0f s", count, incident_seconds());
    for (unsigned i = 0; i < count && i < MOST_WORKERS; i++)
        incident_write("dump", "  worker %2u  %-13s  for %3.0f ms, %llu reports before", info[i].index,
                       !info[i].busy   ? "idle"
                       : info[i].label ? info[i].label
                                       : "asks for one",
                       info[i].since_ns ? (double)(now - info[i].since_ns) / 1e6 : 0, info[i].completed);
    for (unsigned i = 0; i < TENANTS; i++)
        incident_write("dump", "  %s: %u reports wait", names[i], books_waiting(i));
    incident_write("dump", "  the oldest came %.1f s ago", books_oldest(NULL));
}

/* What each tenant asked for and got since the last time. */
static void log_shares(struct shares *before)
{
    char text[200] = "";
    size_t length = 0;

    for (unsigned i = 0; i < TENANTS; i++) {
        unsigned long asked = books_asked(i), got = books_rendered(i);
        length += (size_t)snprintf(text + length, sizeof text - length, " %s %lu/%lu", names[i],
                                   asked - before->asked[i], got - before->got[i]);
        before->asked[i] = asked;
        before->got[i] = got;
    }
    incident_log("pages asked for/rendered in 30 s:%s", text);
}

/* Once a second, until the callers stop. */
static void look_after(struct service *service)
{
    struct shares shares = {0};

    for (unsigned second = 1; second < incident_length(); second++) {
        incident_sleep_until(second);
        service_alert_look(&service->slow, books_wait_of_b(NULL));
        service_alert_look(&service->deep, books_all_waiting(NULL));
        if (second % 30 == 0)
            log_shares(&shares);
        for (unsigned i = 0; i < CHORES; i++)
            if (chores[i].second == second)
                incident_log("%s", chores[i].text);
        if (second == 100)
            incident_event("deploy", "web 2.31: a new logo on the order page");
        if (second == 124)
            dump(service);
    }
}

/* --- begin and end ------------------------------------------------------------------------------------- */

static int open_service(struct service *service)
{
    unsigned workers = policy_workers();
    const struct pool_options options = {.workers = workers < MOST_WORKERS ? workers : MOST_WORKERS,
                                         .queue = POOL_UNBOUNDED,
                                         .notes = POOL_NOTES_ON};

    service->renderer.latency = latency;
    service->slow = (struct service_alert){.name = "WaitOfBHigh", .most = 110};
    service->deep = (struct service_alert){.name = "ManyWait", .most = 500};
    service->policy = policy_create();
    incident_log("reports: %u workers for %d tenants", options.workers, TENANTS);
    return service->policy && pool_create(&service->pool, &options) == POOL_OK;
}

static void run(struct service *service)
{
    struct incident_load loads[TENANTS];

    service_watch(service->pool);
    for (unsigned i = 0; i < GAUGES; i++)
        incident_gauge(gauges[i].name, gauges[i].read, NULL);
    for (unsigned i = 0; i < TENANTS; i++) {
        service->callers[i] = (struct caller){service, i};
        loads[i] = (struct incident_load){.name = names[i],
                                          .tenant = i,
                                          .rate = rate,
                                          .regular = i == B,
                                          .arrive = arrive,
                                          .context = &service->callers[i]};
        incident_load_start(&loads[i]);
    }
    look_after(service);
    incident_wait();
    pool_drain(service->pool);
    for (unsigned i = 0; i < GAUGES; i++)
        incident_gauge_gone(gauges[i].name);
    service_unwatch();
}

static void serve(void)
{
    struct service service = {0};

    if (open_service(&service))
        run(&service);
    else
        incident_log("the service cannot be made");
    pool_destroy(service.pool);
    if (service.policy)
        policy_destroy(service.policy);
}

const struct incident_plan incident_plan = {
    .serve = serve,
    .series = {{"depth", SERIES_MOST},
               {"busy", SERIES_MOST},
               {"workers", SERIES_LAST},
               {"waiting", SERIES_MOST},
               {"waiting_of_a", SERIES_MOST},
               {"b_wait_ms", SERIES_MOST},
               {"longest_wait_s", SERIES_MOST},
               {"jain", SERIES_LEAST},
               {"a_of_idle", SERIES_LEAST},
               {"turned_away", SERIES_COUNT}},
};
