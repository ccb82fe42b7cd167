/* service.c - seats: a pool that sets its own size, in front of a store that is slower the more calls it has.
 *
 * 200 bookings a second at random. A call takes the seat store 100 ms x (1 + in flight / 50), and above 100 in
 * flight it fails: so 33 are in flight on a good day. From 0:20 to 0:23 it is ten times as slow. From 5:00 to
 * 7:00 come 260 a second, which it can bear. The figures are the catalogue's, with a fifth of the requests and
 * five times their length.
 */
#include "incident.h"

#include "../parts/scaler.h"
#include "../parts/service.h"
#include "policy.h"
#include "pool_task.h"

#include <math.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <time.h>

enum { WORKERS_SHOWN = 24 };

static struct {
    struct incident_downstream store;
    struct policy *policy;
    struct policy_calls calls;
    struct pool_breaker *breaker; /* NULL: there is none */
    struct scaler scaler;
    /* Relaxed: they order nothing. */
    atomic_uint probes;         /* calls in the half-open period under way */
    atomic_ullong period;       /* how often the breaker had opened before it */
    atomic_ulong asked, failed; /* calls; in all */
    /* the ticks' only */
    struct service_alert slow, failing;
    enum pool_breaker_state seen;
    double worst_ms;
    unsigned long asked_told, failed_told;
    unsigned ticks, chores;
    int dumped;
} seats = {.slow = {.name = "BookingWaitHigh", .most = 500}, .failing = {.name = "BookingsFail", .most = 5}};

/* --- the seat store ------------------------------------------------------------------------------------ */

static double store_takes(unsigned in_flight, double second)
{
    double alone = second >= 20 && second < 23 ? 1.0 : 0.1;

    return alone * (1 + in_flight / 50.0);
}

static double latency(unsigned in_flight, double second)
{
    return fmin(store_takes(in_flight, second), seats.calls.limit);
}

static double errors(unsigned in_flight, double second)
{
    return in_flight > 100 || store_takes(in_flight, second) > seats.calls.limit;
}

/* --- one booking --------------------------------------------------------------------------------------- */

/* A call that the breaker has let through. While it is half open, all of them are probes. */
static void count_call(void)
{
    struct pool_breaker_view view = pool_breaker_view(seats.breaker);
    unsigned long long period = view.openings;

    atomic_fetch_add_explicit(&seats.asked, 1, memory_order_relaxed);
    if (view.state != POOL_BREAKER_HALF_OPEN)
        return;
    if (atomic_exchange_explicit(&seats.period, period, memory_order_relaxed) != period)
        atomic_store_explicit(&seats.probes, 0, memory_order_relaxed);
    unsigned before = atomic_fetch_add_explicit(&seats.probes, 1, memory_order_relaxed);
    incident_tell("probes", before + 1);
}

/* One call. -1: it failed, or the breaker did not let it through. */
static int ask_store(struct request *request)
{
    struct pool_breaker_pass pass;

    if (seats.breaker && pool_breaker_enter(seats.breaker, &pass) != POOL_OK)
        return -1;
    count_call();
    int failed = incident_call(&seats.store, request);
    if (failed)
        atomic_fetch_add_explicit(&seats.failed, 1, memory_order_relaxed);
    if (seats.breaker)
        pool_breaker_leave(seats.breaker, &pass, failed ? POOL_CALL_FAILED : POOL_CALL_GOOD);
    return failed;
}

static void end(struct request *request, enum request_end how)
{
    if (how != REQUEST_COMPLETED)
        incident_count("unserved", 1);
    request_ends(request, how);
}

static void book(void *context)
{
    static const char *const labels[] = {"asks the seat store", "asks the seat store a second time",
                                         "asks the seat store a third time"};
    struct request *request = context;
    double waited = incident_seconds() - request->arrived;
    int failed = -1;

    request_begins(request);
    for (unsigned i = 0; i < seats.calls.tries && failed; i++) {
        pool_task_label(labels[i < 2 ? i : 2]);
        failed = ask_store(request);
    }
    end(request, failed ? REQUEST_FAILED : REQUEST_COMPLETED);
    scaler_task(&seats.scaler, waited, failed ? POOL_TASK_BAD : POOL_TASK_GOOD);
}

static void discard(void *request)
{
    end(request, REQUEST_DISCARDED);
}

static void arrive(struct request *request, void *pool)
{
    if (pool_try_submit(pool, book, request) != POOL_OK)
        end(request, REQUEST_REJECTED);
}

static double rate(double second, void *pool)
{
    (void)pool;
    return second >= 300 && second < 420 ? 260 : 200;
}

/* --- what it logs -------------------------------------------------------------------------------------- */

/* What else was told that day. */
static const struct {
    double second;
    const char *text;
} chores[] = {{12, "web 1184 deployed: the seat map is drawn in colour (not this service)"},
              {19.5, "seat store, status page: replica 2 takes over from replica 1"},
              {23.5, "seat store, status page: the take-over has ended, all is well"},
              {64, "config: revision 40 read, nothing changed for this service"},
              {131, "tls: the certificate of the shop's name ends in 11 days"},
              {300, "sales: the first seats of the autumn tour are on sale"}};

static void dump_worker(const struct pool_worker_info *worker, double now_ms)
{
    if (worker->label && worker->since_ns)
        incident_write("dump", "  worker %3u  with one booking for %4.0f ms: %s", worker->index,
                       now_ms - (double)worker->since_ns / 1e6, worker->label);
    else
        incident_write("dump", "  worker %3u  between two bookings", worker->index);
}

/* What the workers are at, once, when the store has long been well and most calls fail. */
static void dump(const struct pool_sample *sample)
{
    static struct pool_worker_info workers[MACHINE]; /* once */
    unsigned count = pool_workers(seats.scaler.pool, workers, MACHINE);
    struct pool_counts counts = pool_counts(seats.scaler.pool);
    struct timespec clock;

    clock_gettime(CLOCK_MONOTONIC, &clock);
    seats.dumped = 1;
    incident_write("dump",
                   "pool bookings: %u workers asked for, %u there, %zu run a booking, %zu bookings wait",
                   sample->workers, counts.workers, counts.running, counts.queued);
    for (unsigned i = 0; i < count && i < WORKERS_SHOWN; i++)
        dump_worker(&workers[i], (double)clock.tv_sec * 1e3 + (double)clock.tv_nsec / 1e6);
    if (count > WORKERS_SHOWN)
        incident_write("dump", "  and %u more, which do the same", count - WORKERS_SHOWN);
}

static void log_half_minute(const struct pool_sample *sample)
{
    unsigned long asked = atomic_load_explicit(&seats.asked, memory_order_relaxed);
    unsigned long failed = atomic_load_explicit(&seats.failed, memory_order_relaxed);
    unsigned long calls = asked - seats.asked_told, bad = failed - seats.failed_told;

    incident_log("store: %lu calls in 30 s, %lu of them failed; %u workers", calls, bad, sample->workers);
    service_alert_look(&seats.failing, calls ? 100.0 * (double)bad / (double)calls : 0);
    service_alert_look(&seats.slow, seats.worst_ms);
    seats.asked_told = asked;
    seats.failed_told = failed;
    seats.worst_ms = 0;
}

static void log_breaker(void)
{
    static const char *const names[] = {[POOL_BREAKER_CLOSED] = "closed",
                                        [POOL_BREAKER_OPEN] = "open",
                                        [POOL_BREAKER_HALF_OPEN] = "half open"};
    struct pool_breaker_view view = pool_breaker_view(seats.breaker);

    if (view.state == seats.seen)
        return;
    seats.seen = view.state;
    incident_event("breaker", "%s", names[view.state]);
    incident_log("breaker: %s", names[view.state]);
}

/* Ten times a second. */
static void look(const struct pool_sample *sample)
{
    double second = incident_seconds();

    seats.worst_ms = fmax(seats.worst_ms, sample->value[POOL_SIGNAL_DWELL] * 1000);
    if (seats.breaker)
        log_breaker();
    if (++seats.ticks % 300 == 0)
        log_half_minute(sample);
    while (seats.chores < sizeof chores / sizeof chores[0] && second >= chores[seats.chores].second)
        incident_log("%s", chores[seats.chores++].text);
    if (!seats.dumped && second > 45 && sample->value[POOL_SIGNAL_ERRORS] > 0.5)
        dump(sample);
}

/* --- the service --------------------------------------------------------------------------------------- */

static enum pool_downstream downstream(void *unused)
{
    static const enum pool_downstream told[] = {[POOL_BREAKER_CLOSED] = POOL_DOWNSTREAM_WELL,
                                                [POOL_BREAKER_OPEN] = POOL_DOWNSTREAM_SICK,
                                                [POOL_BREAKER_HALF_OPEN] = POOL_DOWNSTREAM_TRYING};

    (void)unused;
    return told[pool_breaker_view(seats.breaker).state];
}

static unsigned wish(void *unused, const struct pool_sample *sample)
{
    (void)unused;
    look(sample);
    return policy_tick(seats.policy, sample);
}

static void resized(void *unused, unsigned from, unsigned workers)
{
    (void)unused;
    if (workers > from && pool_breaker_view(seats.breaker).state == POOL_BREAKER_OPEN)
        incident_count("grown_while_open", 1);
}

static void serve_with(struct pool *pool)
{
    struct incident_load callers = {.name = "callers", .rate = rate, .arrive = arrive, .context = pool};

    seats.scaler = (struct scaler){.pool = pool,
                                   .floor = FLOOR,
                                   .ceiling = MACHINE,
                                   .workers = WORKERS,
                                   .wish = wish,
                                   .downstream = downstream,
                                   .resized = resized};
    if (scaler_begin(&seats.scaler) != POOL_OK)
        return;
    incident_log("bookings: %d workers; a call may take %.1f s, %u tries, %u may wait, %s breaker", WORKERS,
                 seats.calls.limit, seats.calls.tries, seats.calls.waiting, seats.breaker ? "a" : "no");
    service_watch_up_to(pool, MACHINE);
    incident_load_start(&callers);
    scaler_run(&seats.scaler);
    pool_drain(pool);
    service_unwatch();
    scaler_end(&seats.scaler);
}

/* What the policy has asked for; a breaker only where it wants one. */
static enum pool_status make(struct pool **pool)
{
    const struct pool_options options = {.workers = WORKERS,
                                         .floor = FLOOR,
                                         .ceiling = MACHINE,
                                         .capacity = seats.calls.waiting,
                                         .discard = discard,
                                         .notes = POOL_NOTES_ON};

    *pool = NULL;
    if (!seats.policy)
        return POOL_NO_MEMORY;
    if (!(seats.calls.limit > 0) || seats.calls.tries == 0)
        return POOL_INVALID;
    seats.calls.breaker.clock = NULL; /* the time is the service's */
    enum pool_status made =
        seats.calls.has_breaker ? pool_breaker_create(&seats.breaker, &seats.calls.breaker) : POOL_OK;
    return made == POOL_OK ? pool_create(pool, &options) : made;
}

static void serve(void)
{
    struct pool *pool;

    seats.store.latency = latency;
    seats.store.errors = errors;
    seats.policy = policy_create(&seats.calls);
    enum pool_status made = make(&pool);
    if (made == POOL_OK)
        serve_with(pool);
    else
        incident_log("the service cannot start: %s", pool_status_text(made));
    pool_destroy(pool);
    pool_breaker_destroy(seats.breaker);
    if (seats.policy)
        policy_destroy(seats.policy);
}

const struct incident_plan incident_plan = {
    .serve = serve,
    .series = {{"depth", SERIES_MOST},
               {"busy", SERIES_MOST},
               {"workers", SERIES_LAST},
               {"resizes", SERIES_COUNT},
               {"breaches", SERIES_COUNT},
               {"unserved", SERIES_COUNT},
               {"probes", SERIES_MOST},
               {"grown_while_open", SERIES_COUNT}},
};
