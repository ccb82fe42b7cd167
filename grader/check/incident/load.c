/* load.c - the callers: when they call, what becomes of their requests, and the ledger.
 *
 * Open loop: a caller comes when its time has come, whether the one before was answered or not, unless the
 * service makes the thread of the load wait. Times of arrival are those planned, so a caller that was held up
 * has waited since then. A Poisson process of changing rate is drawn by the time change theorem: the integral
 * of the rate from one arrival to the next is exponential with mean 1.
 */
#include "inside.h"

#include <math.h>
#include <pthread.h>
#include <stdlib.h>

#define HERE __builtin_return_address(0)

static const double look_every = 0.05; /* seconds in which a rate is taken for constant */

static struct {
    pthread_t thread[INCIDENT_LOADS];
    unsigned count, joined;
    unsigned long submitted, ends[REQUEST_ENDS];
} loads;

static const enum built_in series_of[REQUEST_ENDS] = {COMPLETED, FAILED, REJECTED, CANCELLED, DISCARDED};

/* --- requests ------------------------------------------------------------------------------------------ */

static struct request *request_new(const struct incident_load *load, double at)
{
    struct request *request = calloc(1, sizeof *request);

    if (!request)
        engine_kill("out of memory");
    engine_enter();
    *request = (struct request){.id = ++loads.submitted, .tenant = load->tenant, .arrived = at};
    meter_add(SUBMITTED, 1);
    engine_leave();
    return request;
}

void request_begins(struct request *request)
{
    double now = incident_seconds(), waited_ms = fmax(0, (now - request->arrived) * 1000);

    request->begun = now;
    engine_enter();
    meter_tell(DWELL_P50_MS, waited_ms);
    meter_tell(DWELL_P99_MS, waited_ms);
    engine_leave();
    live_begins(request, waited_ms / 1000);
}

void request_ends(struct request *request, enum request_end how)
{
    double now = incident_seconds(), took_ms = (now - request->arrived) * 1000;

    if (request->ended)
        engine_fail(CLASS_TAMPERED, "a request was answered twice", HERE);
    if (how == REQUEST_COMPLETED && !request->called)
        engine_fail(CLASS_TAMPERED, "a request was answered as completed though nothing was done for it",
                    HERE);
    request->ended = 1;
    engine_enter();
    loads.ends[how]++;
    meter_add(series_of[how], 1);
    if (how == REQUEST_COMPLETED)
        meter_tell(ANSWER_P99_MS, took_ms);
    engine_leave();
    live_ends(request, how, request->begun > 0 ? now - request->begun : -1);
    free(request);
}

void load_tell(void)
{
    unsigned long ended = 0;

    for (int i = 0; i < REQUEST_ENDS; i++)
        ended += loads.ends[i];
    record_line("ledger submitted %lu completed %lu failed %lu rejected %lu cancelled %lu discarded %lu "
                "unanswered %lu",
                loads.submitted, loads.ends[REQUEST_COMPLETED], loads.ends[REQUEST_FAILED],
                loads.ends[REQUEST_REJECTED], loads.ends[REQUEST_CANCELLED], loads.ends[REQUEST_DISCARDED],
                loads.submitted - ended);
}

/* --- callers ------------------------------------------------------------------------------------------- */

/* When the next one comes behind AT, or beyond the end. */
static double next_arrival(const struct incident_load *load, double at, struct incident_random *random)
{
    double need = load->regular ? 1 : -log(1 - incident_draw(random));

    while (at < engine.length) {
        double rate = load->rate(at, load->context);
        if (rate * look_every >= need)
            return at + need / rate;
        need -= rate > 0 ? rate * look_every : 0;
        at += look_every;
    }
    return at;
}

static void *call(void *context)
{
    const struct incident_load *load = context;
    struct incident_random random = incident_random(1000 + load->tenant);
    double at = engine.from;

    while ((at = next_arrival(load, at, &random)) < engine.length) {
        incident_sleep_until(at);
        struct request *request = request_new(load, at);
        struct request who = *request;
        double came = incident_seconds();
        live_comes();
        load->arrive(request, load->context);
        live_went(&who, incident_seconds() - came);
    }
    return NULL;
}

void incident_load_start(const struct incident_load *load)
{
    if (loads.count == INCIDENT_LOADS ||
        pthread_create(&loads.thread[loads.count], NULL, call, (void *)load) != 0)
        engine_kill("a thread of callers could not be started");
    loads.count++;
}

void load_join(void)
{
    while (loads.joined < loads.count)
        pthread_join(loads.thread[loads.joined++], NULL);
}

void incident_wait(void)
{
    incident_sleep_until(engine.length);
    load_join();
}
