/* service.c - freight quotes: a pool that sets its own size, in front of a tariff store.
 *
 * 100 quotes a second on average, at random, wandering by a tenth of it either way; a quote takes 50 to 150 ms,
 * so some ten workers are busy. From 5:00 to 6:00 four times as many come. A new worker opens a session for 150
 * ms, and its first five quotes take twice as long.
 */
#include "incident.h"

#include "../parts/scaler.h"
#include "../parts/service.h"
#include "pool_task.h"
#include "policy.h"

#include <math.h>
#include <stdatomic.h>
#include <stdlib.h>

enum { COLD_QUOTES = 5, WAITING = 4000, MANY_WAIT = 10 };

static const double session_seconds = 0.150;

/* A worker's own. Atomic and relaxed, for the dump: they order nothing. */
struct session {
    atomic_uint quotes;  /* that it has answered: its cache knows so much */
    atomic_llong opened; /* milliseconds of the service; 0: not yet, or no more */
};

static struct {
    struct incident_downstream warm, cold; /* the tariff store, asked by a worker that has its cache or not */
    struct incident_random times;
    struct scaler scaler;
    struct session sessions[CEILING]; /* by the number of the worker */
    /* the ticks' only */
    struct service_alert slow;
    double worst_ms; /* wait since the last look */
    unsigned ticks, chores;
    int dumped;
} quotes = {.slow = {.name = "QuoteWaitHigh", .most = 80}};

/* --- the tariff store ---------------------------------------------------------------------------------- */

static double warm_latency(unsigned in_flight, double second)
{
    (void)in_flight;
    (void)second;
    return 0.050 + 0.100 * incident_draw(&quotes.times);
}

static double cold_latency(unsigned in_flight, double second)
{
    return 2 * warm_latency(in_flight, second);
}

/* --- one worker ---------------------------------------------------------------------------------------- */

static int open_session(void *unused, unsigned index, void **state)
{
    struct session *session = &quotes.sessions[index];

    (void)unused;
    incident_sleep(session_seconds);
    atomic_store_explicit(&session->quotes, 0, memory_order_relaxed);
    atomic_store_explicit(&session->opened, (long long)(incident_seconds() * 1000), memory_order_relaxed);
    *state = session;
    return 0;
}

static void close_session(void *unused, void *state)
{
    struct session *session = state;

    (void)unused;
    atomic_store_explicit(&session->opened, 0, memory_order_relaxed);
}

/* --- one quote ----------------------------------------------------------------------------------------- */

static void quote(void *context)
{
    struct request *request = context;
    struct session *mine = pool_task_state();
    double waited = incident_seconds() - request->arrived;
    int is_cold = atomic_fetch_add_explicit(&mine->quotes, 1, memory_order_relaxed) < COLD_QUOTES;

    request_begins(request);
    pool_task_label(is_cold ? "asks the store, for its cache has nothing" : "asks the store");
    incident_count("cold", is_cold);
    int failed = incident_call(is_cold ? &quotes.cold : &quotes.warm, request);
    request_ends(request, failed ? REQUEST_FAILED : REQUEST_COMPLETED);
    scaler_task(&quotes.scaler, waited, failed ? POOL_TASK_BAD : POOL_TASK_GOOD);
}

static void discard(void *request)
{
    request_ends(request, REQUEST_DISCARDED);
}

static void arrive(struct request *request, void *pool)
{
    if (pool_try_submit(pool, quote, request) != POOL_OK)
        request_ends(request, REQUEST_REJECTED);
}

/* --- the load ------------------------------------------------------------------------------------------ */

static int is_step(double second)
{
    return second >= 300 && second < 360;
}

/* -1 to 1: three waves that do not fit each other. */
static double wander(double second)
{
    return 0.5 * sin(second * 2 * M_PI / 47) + 0.3 * sin(second * 2 * M_PI / 13) +
           0.2 * sin(second * 2 * M_PI / 3.7);
}

static double rate(double second, void *pool)
{
    (void)pool;
    return (is_step(second) ? 400 : 100) * (1 + 0.1 * wander(second));
}

/* --- what it logs -------------------------------------------------------------------------------------- */

/* What else happens on this machine. */
static const struct {
    double second;
    const char *text;
} chores[] = {{37, "tariffs: revision 2207 read, 14 of 61,000 have changed"},
              {95, "rates: the euro was fetched, 0.3 s"},
              {142, "store: a backup of the tariff store has begun (not ours)"},
              {171, "store: the backup has ended"},
              {262, "tls: the certificate of the quote name ends in 20 days"}};

static void dump_worker(const struct pool_worker_info *worker, double now)
{
    const struct session *session = &quotes.sessions[worker->index];
    long long opened = atomic_load_explicit(&session->opened, memory_order_relaxed);
    unsigned count = atomic_load_explicit(&session->quotes, memory_order_relaxed);

    if (opened == 0)
        incident_write("dump", "  worker %2u  opens its session", worker->index);
    else
        incident_write("dump", "  worker %2u  session open for %5.1f s, quote number %3u: %s", worker->index,
                       now - (double)opened / 1000, count, worker->label ? worker->label : "about to begin");
}

/* What the workers are at, once, when many wait. */
static void dump(const struct pool_sample *sample)
{
    struct pool_worker_info workers[CEILING];
    unsigned count = pool_workers(quotes.scaler.pool, workers, CEILING);
    struct pool_counts counts = pool_counts(quotes.scaler.pool);

    quotes.dumped = 1;
    incident_write("dump", "pool quotes: %u workers asked for, %u there, %zu run a quote, %zu quotes wait",
                   sample->workers, counts.workers, counts.running, counts.queued);
    for (unsigned i = 0; i < count && i < CEILING; i++)
        dump_worker(&workers[i], incident_seconds());
}

/* Ten times a second. */
static void look(const struct pool_sample *sample)
{
    double second = incident_seconds();

    quotes.worst_ms = fmax(quotes.worst_ms, sample->value[POOL_SIGNAL_DWELL] * 1000);
    if (++quotes.ticks % 300 == 0) {
        service_alert_look(&quotes.slow, quotes.worst_ms);
        quotes.worst_ms = 0;
    }
    while (quotes.chores < sizeof chores / sizeof chores[0] && second >= chores[quotes.chores].second)
        incident_log("%s", chores[quotes.chores++].text);
    if (!quotes.dumped && second > 30 && sample->value[POOL_SIGNAL_DEPTH] >= MANY_WAIT)
        dump(sample);
}

/* --- the service --------------------------------------------------------------------------------------- */

static unsigned wish(void *policy, const struct pool_sample *sample)
{
    look(sample);
    return policy_tick(policy, sample);
}

static void serve_with(struct policy *policy, struct pool *pool)
{
    struct incident_load callers = {.name = "callers", .rate = rate, .arrive = arrive, .context = pool};

    quotes.scaler = (struct scaler){.pool = pool,
                                    .floor = FLOOR,
                                    .ceiling = CEILING,
                                    .workers = WORKERS,
                                    .wish = wish,
                                    .context = policy};
    if (scaler_begin(&quotes.scaler) != POOL_OK)
        return;
    incident_log("quotes: %d workers, %d to %d allowed, looked at ten times a second", WORKERS, FLOOR,
                 CEILING);
    service_watch_up_to(pool, CEILING);
    incident_load_start(&callers);
    scaler_run(&quotes.scaler);
    pool_drain(pool);
    service_unwatch();
    scaler_end(&quotes.scaler);
}

static void serve(void)
{
    const struct pool_options options = {.workers = WORKERS,
                                         .floor = FLOOR,
                                         .ceiling = CEILING,
                                         .capacity = WAITING,
                                         .worker_start = open_session,
                                         .worker_stop = close_session,
                                         .discard = discard,
                                         .notes = POOL_NOTES_ON};
    struct policy *policy = policy_create();
    struct pool *pool = NULL;
    enum pool_status made = policy ? pool_create(&pool, &options) : POOL_NO_MEMORY;

    quotes.warm.latency = warm_latency;
    quotes.cold.latency = cold_latency;
    quotes.times = incident_random(5);
    if (made == POOL_OK)
        serve_with(policy, pool);
    else
        incident_log("the service cannot start: %s", pool_status_text(made));
    pool_destroy(pool);
    if (policy)
        policy_destroy(policy);
}

const struct incident_plan incident_plan = {
    .serve = serve,
    .series = {{"depth", SERIES_MOST},
               {"busy", SERIES_MOST},
               {"workers", SERIES_LAST},
               {"resizes", SERIES_COUNT},
               {"breaches", SERIES_COUNT},
               {"cold", SERIES_COUNT}},
};
