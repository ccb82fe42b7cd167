/* service.c - thumbnails: callers upload pictures, eight workers send them to the resizer.
 *
 * 300 pictures a second at random, 64 KiB each; the resizer takes 20 ms, so six of eight workers are busy. At
 * 2:00 it takes 200 ms for ten seconds, and at 6:00 for thirty. The figures are the catalogue's, with a fifth of
 * the requests and four times their size.
 */
#include "incident.h"

#include "../parts/service.h"
#include "policy.h"

#include <stdlib.h>

enum { PICTURE_BYTES = 64 << 10, PAGE = 4096 };

static const double patience = 1.0; /* seconds */

struct upload {
    struct request *request;
    char *picture;
};

static struct incident_downstream resizer;
static struct service_alert backlog = {.name = "BacklogHigh", .most = 300};

/* --- the resizer --------------------------------------------------------------------------------------- */

static int is_slow(double second)
{
    return (second >= 120 && second < 130) || (second >= 360 && second < 390);
}

static double latency(unsigned in_flight, double second)
{
    double alone = is_slow(second) ? 0.200 : 0.020;

    return in_flight <= 8 ? alone : alone * in_flight / 8; /* it has eight cores of its own */
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

static void answer(struct upload *upload, enum request_end how)
{
    request_ends(upload->request, how);
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
    if (upload_age(upload) > patience)
        incident_count("late", 1);
    answer(upload, incident_call(&resizer, upload->request) == 0 ? REQUEST_COMPLETED : REQUEST_FAILED);
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
    if (!policy_take(pool, upload))
        answer(upload, REQUEST_REJECTED);
    service_alert_look(&backlog, (double)pool_counts(pool).queued);
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
    struct pool_options options = {.workers = 1};
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
               {"late", SERIES_COUNT}},
};
