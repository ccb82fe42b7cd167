/* plant.h - a pool in virtual time, for a controller to steer: arrivals, a bounded queue, workers, a service
 * behind it.
 *
 *     struct plant plant;
 *     plant_init(&plant, &loads[LOAD_STEP], PLANT_PLAIN, 40, seed);
 *     controller with plant_look, plant_resize, &plant.clock, &plant
 *     plant_run(&plant, controller);                    // plant.history holds one line for each tick
 *
 * A simulation of single events: each task arrives, waits, runs, ends. A shrink takes effect when tasks end,
 * as in a real pool. Nothing depends on the real clock, so every run is the same.
 *
 * Behind the plain plant a task takes 50 ms, exponentially distributed. Behind the others it calls a service
 * that takes 20 ms x (1 + in flight / 50) and fails above 100 in flight (incident I05); a task tries three
 * times. PLANT_BARE tries again at once. PLANT_GUARDED has a time limit for the call, a breaker in front of
 * the service, waits 100 ms before it tries again what the breaker has refused (so that its workers are busy
 * with waiting), and refuses at its edge what would wait long.
 */
#ifndef DEEPEND_SCALING_PLANT_H
#define DEEPEND_SCALING_PLANT_H

#include "controller.h"
#include "load.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum plant_kind { PLANT_PLAIN, PLANT_BARE, PLANT_GUARDED };

enum {
    PLANT_QUEUE = 2000,
    PLANT_EDGE = 50,
    PLANT_MOST_WORKERS = 1024,
    PLANT_MOST_TICKS = 6000,
    PLANT_PROBES = 5
};

#define PLANT_TICK       0.1  /* seconds */
#define PLANT_SERVICE    0.05 /* seconds, of the plain plant */
#define PLANT_TIME_LIMIT 0.1  /* seconds, of a guarded call */
#define PLANT_BACKOFF    0.1  /* seconds, after a refusal by the breaker */
#define PLANT_OPEN       2.0  /* seconds for which the breaker stays open, at least */

struct plant_task {
    double queued, started, ends;
    int tries;
    int good;  /* this try */
    int probe; /* let through while half open */
    int calls; /* is in flight downstream */
};

/* What is kept of every tick. */
struct plant_line {
    double at, rate, utilisation, dwell, errors;
    unsigned size, queued, in_flight;
    enum pool_downstream downstream;
};

/* A small breaker, for the veto to have something to look at. */
struct plant_breaker {
    enum pool_downstream state;
    double opened;
    int probes, passed; /* of this half-open period */
    int most_probes;    /* of any half-open period */
    int calls, failed;  /* of the present second */
    double second;
};

struct plant {
    const struct load *load;
    enum plant_kind kind;
    double now, next_arrival, next_tick, wander, next_wander;
    uint64_t arrivals_random, service_random;
    struct pool_clock clock;
    struct pool_collector *collector;

    double queue[PLANT_QUEUE]; /* when each was queued; a ring */
    size_t first, queued;
    struct plant_task running[PLANT_MOST_WORKERS]; /* a heap, the earliest end first */
    unsigned busy, target, in_flight;
    struct plant_breaker breaker;

    unsigned long long arrived, ended, refused; /* refused: the queue was full */
    struct plant_line history[PLANT_MOST_TICKS];
    size_t lines;
};

static inline uint64_t plant_now(void *context)
{
    return (uint64_t)(((struct plant *)context)->now * 1e9);
}

/* --- the heap of running tasks ------------------------------------------------------------------------- */

static inline void heap_push(struct plant *plant, struct plant_task task)
{
    unsigned at = plant->busy++;
    for (; at > 0 && plant->running[(at - 1) / 2].ends > task.ends; at = (at - 1) / 2)
        plant->running[at] = plant->running[(at - 1) / 2];
    plant->running[at] = task;
}

static inline struct plant_task heap_pop(struct plant *plant)
{
    struct plant_task first = plant->running[0], last = plant->running[--plant->busy];
    unsigned at = 0;
    for (unsigned child; (child = 2 * at + 1) < plant->busy; at = child) {
        child += child + 1 < plant->busy && plant->running[child + 1].ends < plant->running[child].ends;
        if (last.ends <= plant->running[child].ends)
            break;
        plant->running[at] = plant->running[child];
    }
    plant->running[at] = last;
    return first;
}

/* --- the breaker: opens at half of 20 calls or more in a second, closes when five probes have passed --- */

static inline void breaker_set(struct plant *plant, enum pool_downstream state)
{
    plant->breaker.state = state;
    plant->breaker.opened = plant->now;
    plant->breaker.probes = plant->breaker.passed = plant->breaker.calls = plant->breaker.failed = 0;
    plant->breaker.second = plant->now;
}

/* May this call go through? Probes are counted. */
static inline int breaker_lets(struct plant *plant)
{
    struct plant_breaker *breaker = &plant->breaker;
    if (plant->kind != PLANT_GUARDED || breaker->state == POOL_DOWNSTREAM_WELL)
        return 1;
    if (breaker->state == POOL_DOWNSTREAM_SICK && plant->now - breaker->opened >= PLANT_OPEN)
        breaker_set(plant, POOL_DOWNSTREAM_TRYING);
    if (breaker->state == POOL_DOWNSTREAM_SICK || breaker->probes == PLANT_PROBES)
        return 0;
    breaker->probes++;
    breaker->most_probes = breaker->probes > breaker->most_probes ? breaker->probes : breaker->most_probes;
    return 1;
}

static inline void breaker_hears(struct plant *plant, const struct plant_task *task)
{
    struct plant_breaker *breaker = &plant->breaker;
    if (plant->kind != PLANT_GUARDED)
        return;
    if (breaker->state == POOL_DOWNSTREAM_TRYING && task->probe) {
        breaker->passed += task->good;
        if (!task->good)
            breaker_set(plant, POOL_DOWNSTREAM_SICK);
        else if (breaker->passed == PLANT_PROBES)
            breaker_set(plant, POOL_DOWNSTREAM_WELL);
    } else if (breaker->state == POOL_DOWNSTREAM_WELL) {
        if (plant->now - breaker->second >= 1)
            breaker_set(plant, POOL_DOWNSTREAM_WELL);
        breaker->calls++;
        breaker->failed += !task->good;
        if (breaker->calls >= 20 && breaker->failed * 2 >= breaker->calls)
            breaker_set(plant, POOL_DOWNSTREAM_SICK);
    }
}

/* --- tasks --------------------------------------------------------------------------------------------- */

static inline double downstream_time(const struct plant *plant)
{
    int slow = plant->now >= plant->load->slow_from && plant->now < plant->load->slow_to;
    return 0.020 * (slow ? 10 : 1) * (1 + plant->in_flight / 50.0);
}

/* One try of TASK begins: how long it will take, and how it will end. */
static inline void try_begins(struct plant *plant, struct plant_task *task)
{
    task->tries++;
    task->good = 1;
    task->calls = task->probe = 0;
    if (plant->kind == PLANT_PLAIN) {
        task->ends = plant->now + random_time(&plant->service_random, PLANT_SERVICE);
    } else if (!breaker_lets(plant)) {
        task->good = 0;
        task->ends = plant->now + PLANT_BACKOFF;
    } else {
        task->probe = plant->breaker.state == POOL_DOWNSTREAM_TRYING;
        task->calls = 1;
        double takes = downstream_time(plant);
        task->good = ++plant->in_flight <= 100;
        if (plant->kind == PLANT_GUARDED && takes > PLANT_TIME_LIMIT) {
            takes = PLANT_TIME_LIMIT;
            task->good = 0;
        }
        task->ends = plant->now + takes;
    }
    heap_push(plant, *task);
}

static inline void start_tasks(struct plant *plant)
{
    while (plant->queued > 0 && plant->busy < plant->target) {
        struct plant_task task = {.queued = plant->queue[plant->first], .started = plant->now};
        plant->first = (plant->first + 1) % PLANT_QUEUE;
        plant->queued--;
        try_begins(plant, &task);
    }
}

static inline void task_arrives(struct plant *plant)
{
    plant->arrived++;
    if (plant->queued == (plant->kind == PLANT_GUARDED ? PLANT_EDGE : PLANT_QUEUE))
        plant->refused++;
    else
        plant->queue[(plant->first + plant->queued++) % PLANT_QUEUE] = plant->now;
    double rate = load_rate(plant->load, plant->now) * (1 + plant->wander);
    plant->next_arrival = plant->now + random_time(&plant->arrivals_random, 1 / rate);
    start_tasks(plant);
}

static inline void try_ends(struct plant *plant)
{
    struct plant_task task = heap_pop(plant);
    plant->in_flight -= task.calls;
    if (task.calls)
        breaker_hears(plant, &task);
    if (!task.good && task.tries < 3 && plant->busy < plant->target) {
        try_begins(plant, &task);
        return;
    }
    plant->ended++;
    pool_collector_task(plant->collector, (uint64_t)((task.started - task.queued) * 1e9),
                        task.good ? POOL_TASK_GOOD : POOL_TASK_BAD);
    start_tasks(plant);
}

/* --- what the controller sees -------------------------------------------------------------------------- */

static inline enum pool_status plant_look(void *context, struct pool_sample *sample)
{
    struct plant *plant = context;
    struct pool_gauges gauges = {(unsigned)plant->queued, plant->busy, plant->target};
    enum pool_status status = pool_collector_sample(plant->collector, &gauges, sample);
    sample->downstream = plant->breaker.state;
    plant->history[plant->lines] = (struct plant_line){.at = plant->now,
                                                       .rate = load_rate(plant->load, plant->now),
                                                       .utilisation = sample->value[POOL_SIGNAL_UTILISATION],
                                                       .dwell = sample->value[POOL_SIGNAL_DWELL],
                                                       .errors = sample->value[POOL_SIGNAL_ERRORS],
                                                       .queued = gauges.queued,
                                                       .in_flight = plant->in_flight,
                                                       .downstream = sample->downstream};
    return status;
}

static inline unsigned plant_resize(void *context, unsigned size)
{
    struct plant *plant = context;
    plant->target = size < PLANT_MOST_WORKERS ? size : PLANT_MOST_WORKERS;
    start_tasks(plant);
    return plant->target;
}

/* --- running ------------------------------------------------------------------------------------------- */

static inline void plant_init(struct plant *plant, const struct load *load, enum plant_kind kind,
                              unsigned workers, uint64_t seed)
{
    memset(plant, 0, sizeof *plant);
    plant->load = load;
    plant->kind = kind;
    plant->target = workers;
    plant->arrivals_random = seed;
    plant->service_random = seed + 1;
    plant->next_tick = PLANT_TICK;
    plant->clock = (struct pool_clock){.now = plant_now, .context = plant};
    struct pool_collector_options options = {
        .slices = 10, .share = 0.99, .capacity = PLANT_QUEUE, .clock = &plant->clock};
    if (pool_collector_create(&plant->collector, &options) != POOL_OK)
        abort();
}

static inline void plant_release(struct plant *plant)
{
    pool_collector_destroy(plant->collector);
}

static inline void plant_wanders(struct plant *plant)
{
    double most = plant->load->wander;
    plant->wander += (random_unit(&plant->arrivals_random) - 0.5) * most;
    plant->wander = plant->wander > most ? most : plant->wander < -most ? -most : plant->wander;
    plant->next_wander = plant->now + 0.5;
}

static inline void plant_ticks(struct plant *plant, struct pool_controller *controller)
{
    if (pool_controller_tick(controller) != POOL_OK)
        abort();
    plant->history[plant->lines++].size = plant->target;
    plant->next_tick += PLANT_TICK;
}

static inline void plant_run(struct plant *plant, struct pool_controller *controller)
{
    while (plant->lines < PLANT_MOST_TICKS && plant->next_tick <= plant->load->seconds + PLANT_TICK / 2) {
        double ends = plant->busy ? plant->running[0].ends : INFINITY;
        plant->now = fmin(fmin(ends, plant->next_arrival), fmin(plant->next_tick, plant->next_wander));
        if (plant->now == ends)
            try_ends(plant);
        else if (plant->now == plant->next_arrival)
            task_arrives(plant);
        else if (plant->now == plant->next_tick)
            plant_ticks(plant, controller);
        else
            plant_wanders(plant);
    }
}

#endif
