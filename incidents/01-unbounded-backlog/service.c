/* service.c - thumbnails: callers upload pictures, eight workers send them to the resizer.
 *
 * 300 pictures a second at random, 64 KiB each; the resizer takes 20 ms, so six of eight workers are busy. At
 * 2:00 it takes 200 ms for ten seconds, and at 6:00 for thirty. The figures are the catalogue's, with a fifth of
 * the requests and four times their size.
 */
#include "incident.h"

#include "../parts/service.h"
#include "policy.h"
#include "pool_control.h"
#include "pool_task.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <time.h>

enum { PICTURE_BYTES = 64 << 10, PAGE = 4096, WORKERS_SHOWN = 32, SPELLS_LAST = 600 };

static const double patience = 1.0; /* seconds */

struct upload {
    struct request *request;
    char *picture;
};

static struct incident_downstream resizer;
static struct service_alert backlog = {.name = "BacklogHigh", .most = 300};

/* What only the thread that accepts touches. */
static struct {
    double next_minute;
    unsigned most_in_hand; /* that the log has told */
    unsigned chores;       /* of the table that have been done */
    unsigned long refused;
    int dumped;
} door = {.next_minute = 60, .most_in_hand = 64};

/* Relaxed: they order nothing, so that they hide no race of the policy's. */
static atomic_uint in_hand, late;
static atomic_llong slow_told; /* when a slow call was last logged, in milliseconds */

/* --- the resizer --------------------------------------------------------------------------------------- */

/* A shorter run, as that above ThreadSanitizer, has both spells in it, closer together. */
static int is_slow(double second)
{
    if (!incident_is_live())
        second *= SPELLS_LAST / incident_length();
    return (second >= 120 && second < 130) || (second >= 360 && second < 390);
}

static double latency(unsigned in_flight, double second)
{
    double alone = is_slow(second) ? 0.200 : 0.020;

    return in_flight <= 8 ? alone : alone * in_flight / 8; /* it has eight cores of its own */
}

/* --- what it logs -------------------------------------------------------------------------------------- */

/* What else this machine does, at its hours. */
static const struct {
    double second;
    const char *text;
} chores[] = {{41, "housekeeping: 4112 thumbnails older than 30 days removed in 0.6 s"},
              {74, "config: revision 8812 read, nothing changed for this service"},
              {102, "gallery-web 311 deployed on this host (not this service)"},
              {118, "tls: the certificate of the upload name ends in 9 days"},
              {281, "housekeeping: 3980 thumbnails older than 30 days removed in 0.6 s"}};

static void log_minute(struct pool *pool, const struct request *request)
{
    struct pool_counts counts = pool_counts(pool);

    incident_log("minute %.0f: %lu uploads came, %lu were refused; pool: %llu taken, %llu done, %zu waiting",
                 door.next_minute / 60, request->id, door.refused, counts.submitted, counts.completed,
                 counts.queued);
    door.next_minute += 60;
}

static void log_door(struct pool *pool, const struct request *request)
{
    unsigned count = atomic_load_explicit(&in_hand, memory_order_relaxed);
    double now = incident_seconds();

    if (now >= door.next_minute)
        log_minute(pool, request);
    if (count >= 2 * door.most_in_hand) {
        door.most_in_hand *= 2;
        incident_log("%u pictures in hand, %u MiB", door.most_in_hand,
                     door.most_in_hand / ((1 << 20) / PICTURE_BYTES));
    }
    while (door.chores < sizeof chores / sizeof chores[0] && now >= chores[door.chores].second)
        incident_log("%s", chores[door.chores++].text);
}

/* At most one in five seconds. */
static void log_slow(double seconds)
{
    long long now = (long long)(incident_seconds() * 1000);
    long long told = atomic_load_explicit(&slow_told, memory_order_relaxed);

    if (seconds > 0.1 && (told == 0 || now - told >= 5000) &&
        atomic_compare_exchange_strong_explicit(&slow_told, &told, now, memory_order_relaxed,
                                                memory_order_relaxed))
        incident_log("resizer: a call took %.0f ms", seconds * 1000);
}

/* The first, and then every twentieth. */
static void log_late(const struct request *request)
{
    unsigned before = atomic_fetch_add_explicit(&late, 1, memory_order_relaxed);

    if (before % 20 == 0)
        incident_log("picture %lu begun %.2f s after it came; its caller waits %.0f s (%u such so far)",
                     request->id, incident_seconds() - request->arrived, patience, before + 1);
}

/* What the workers are at, once, when the alarm is raised. */
static void dump(struct pool *pool)
{
    struct pool_worker_info workers[WORKERS_SHOWN];
    unsigned count = pool_workers(pool, workers, WORKERS_SHOWN);
    struct pool_counts counts = pool_counts(pool);
    struct timespec clock;

    clock_gettime(CLOCK_MONOTONIC, &clock);
    incident_write("dump", "pool thumbnails: %u workers, %zu running, %zu waiting, %llu taken, %llu done",
                   counts.workers, counts.running, counts.queued, counts.submitted, counts.completed);
    for (unsigned i = 0; i < count && i < WORKERS_SHOWN; i++) {
        double since =
            (double)clock.tv_sec * 1e3 + ((double)clock.tv_nsec - (double)workers[i].since_ns) / 1e6;
        if (workers[i].label && workers[i].since_ns)
            incident_write("dump", "  worker %2u  %s for %3.0f ms, %llu pictures before", workers[i].index,
                           workers[i].label, since, workers[i].completed);
        else
            incident_write("dump", "  worker %2u  between two pictures, %llu before", workers[i].index,
                           workers[i].completed);
    }
    incident_write("dump", "acceptor: reads an upload; %u pictures in hand, %lu callers refused so far",
                   atomic_load_explicit(&in_hand, memory_order_relaxed), door.refused);
}

/* --- one upload ---------------------------------------------------------------------------------------- */

double upload_age(const struct upload *upload)
{
    return incident_seconds() - upload->request->arrived;
}

double upload_patience(const struct upload *upload)
{
    (void)upload;
    return patience;
}

/* Three seconds after a slow spell all is as ever. */
static int is_calm(double second)
{
    return !is_slow(second) && !is_slow(second - 3);
}

static void answer(struct upload *upload, enum request_end how)
{
    if (how != REQUEST_COMPLETED && is_calm(upload->request->arrived))
        incident_count("unserved", 1);
    request_ends(upload->request, how);
    atomic_fetch_sub_explicit(&in_hand, 1, memory_order_relaxed);
    free(upload->picture);
    free(upload);
}

void upload_work(void *context)
{
    struct upload *upload = context;

    if (!policy_wanted(upload)) {
        answer(upload, REQUEST_CANCELLED);
        return;
    }
    request_begins(upload->request);
    if (upload_age(upload) > patience) {
        incident_count("late", 1);
        log_late(upload->request);
    }
    pool_task_label("asks the resizer");
    double asked = incident_seconds();
    int failed = incident_call(&resizer, upload->request);
    log_slow(incident_seconds() - asked);
    answer(upload, failed ? REQUEST_FAILED : REQUEST_COMPLETED);
}

static void discard(void *upload)
{
    answer(upload, REQUEST_DISCARDED);
}

/* --- the door ------------------------------------------------------------------------------------------ */

static void arrive(struct request *request, void *pool)
{
    struct upload *upload = malloc(sizeof *upload);
    char *picture = malloc(PICTURE_BYTES);

    if (!upload || !picture) {
        free(upload);
        free(picture);
        request_ends(request, REQUEST_REJECTED);
        return;
    }
    for (int i = 0; i < PICTURE_BYTES; i += PAGE) /* as reading it from a socket would */
        picture[i] = 1;
    *upload = (struct upload){request, picture};
    atomic_fetch_add_explicit(&in_hand, 1, memory_order_relaxed);
    log_door(pool, request);
    if (!policy_take(pool, upload)) {
        door.refused++;
        answer(upload, REQUEST_REJECTED);
    }
    service_alert_look(&backlog, (double)pool_counts(pool).queued);
    if (backlog.is_raised && !door.dumped) {
        door.dumped = 1;
        dump(pool);
    }
}

static double rate(double second, void *pool)
{
    (void)second;
    (void)pool;
    return 300;
}

/* --- the service --------------------------------------------------------------------------------------- */

static void serve(void)
{
    struct pool_options options = {.workers = 1, .notes = POOL_NOTES_ON};
    struct pool *pool;

    resizer.latency = latency;
    policy_configure(&options);
    if (!options.discard)
        options.discard = discard;
    enum pool_status made = pool_create(&pool, &options);
    if (made != POOL_OK) {
        incident_log("the pool cannot be made: %s", pool_status_text(made));
        return;
    }
    if (options.queue == POOL_UNBOUNDED)
        incident_log("thumbnails: %u workers, the queue holds as many as come", options.workers);
    else
        incident_log("thumbnails: %u workers, the queue holds %zu", options.workers, options.capacity);
    struct incident_load callers = {.name = "callers", .rate = rate, .arrive = arrive, .context = pool};
    service_watch(pool);
    incident_load_start(&callers);
    incident_wait();
    pool_drain(pool);
    service_unwatch();
    pool_destroy(pool);
}

const struct incident_plan incident_plan = {
    .serve = serve,
    .series = {{"depth", SERIES_MOST},
               {"busy", SERIES_MOST},
               {"workers", SERIES_LAST},
               {"late", SERIES_COUNT},
               {"unserved", SERIES_COUNT}},
};
