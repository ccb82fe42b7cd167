/* contestants.h - the deciders that are compared, with their settings, and one run of one of them.
 *
 *     run_make(&run, BAND, &loads[LOAD_STEP], PLANT_PLAIN, 0, 7);
 *     struct figures figures = run_figures(&run);              // figures.h
 *     run_release(&run);
 *
 * Every contestant steers the same plant at the same 100 ms ticks, from 40 workers, between 4 and 256.
 */
#ifndef DEEPEND_SCALING_CONTESTANTS_H
#define DEEPEND_SCALING_CONTESTANTS_H

#include "plant.h"

enum contestant_name {
    ONE_THRESHOLD,
    ONE_SMOOTHED,
    BAND,
    NARROW_BAND,
    AIMD,
    PID,
    PID_EXACT,
    PID_WINDING,
    TREND,
    TIMETABLE,
    VETOED,
    CONTESTANTS
};

enum { RUN_FLOOR = 4, RUN_CEILING = 256, RUN_INITIAL = 40, NO_CEILING = 1000000 };

struct contestant {
    const char *name;
    struct pool_threshold threshold; /* the reactive part of all but AIMD, PID and trend */
    double smoothing, up, down;      /* seconds */
};

static const struct contestant contestants[CONTESTANTS] = {
    [ONE_THRESHOLD] = {"one threshold, 50 %", {POOL_SIGNAL_UTILISATION, 0.5, 0.5, 1, 1}, 0, 0, 0},
    [ONE_SMOOTHED] = {"the same, smoothed 10 s", {POOL_SIGNAL_UTILISATION, 0.5, 0.5, 1, 1}, 10, 0, 0},
    [BAND] = {"band 75/10, cooldowns", {POOL_SIGNAL_UTILISATION, 0.75, 0.10, 1.5, 0.9}, 0.28, 2, 30},
    [NARROW_BAND] = {"band 75/40, cooldowns", {POOL_SIGNAL_UTILISATION, 0.75, 0.40, 1.5, 0.8}, 0.28, 2, 10},
    [AIMD] = {"AIMD +1, -25 %", {0}, 0.28, 0, 2},
    [PID] = {"PID 70 %, zone 10 %", {0}, 0.5, 0.5, 2},
    [PID_EXACT] = {"PID 70 %, no zone", {0}, 0.5, 0.5, 2},
    [PID_WINDING] = {"PID without guards", {0}, 0.5, 0.5, 2},
    [TREND] = {"trend, 2 s ahead", {0}, 0.28, 1, 10},
    [TIMETABLE] = {"band 75/40 + timetable", {POOL_SIGNAL_UTILISATION, 0.75, 0.40, 1.5, 0.8}, 0.28, 2, 10},
    [VETOED] = {"band 75/40 + vetoes", {POOL_SIGNAL_UTILISATION, 0.75, 0.40, 1.5, 0.8}, 0.28, 2, 10},
};

/* The sawtooth's teeth, as somebody wrote them down: right for that load, wrong for all others. */
static const struct pool_schedule_entry teeth[] = {{0, 40},
                                                   {10 * POOL_SECOND, 65},
                                                   {20 * POOL_SECOND, 85},
                                                   {30 * POOL_SECOND, 100},
                                                   {40 * POOL_SECOND, 115},
                                                   {58 * POOL_SECOND, 40}};
static const struct pool_veto vetoes[] = {{POOL_SIGNAL_ERRORS, 0.05}};

/* --- one run ------------------------------------------------------------------------------------------- */

struct run {
    enum contestant_name who;
    struct plant plant;
    struct pool_controller *controller;
    struct pool_threshold threshold;
    struct pool_aimd aimd;
    struct pool_pid pid;
    struct pool_trend trend;
    struct pool_schedule schedule;
    struct pool_composite composite;
    struct pool_decider reactive, forecast;
};

static inline enum pool_status make_composite(struct run *run, struct pool_decider *decider)
{
    run->composite = (struct pool_composite){.reactive = &run->reactive, .reactive_count = 1};
    if (run->who == TIMETABLE) {
        run->composite.forecasts = &run->forecast;
        run->composite.forecast_count = 1;
        run->composite.trust = 2;
    } else {
        run->composite.vetoes = vetoes;
        run->composite.veto_count = sizeof vetoes / sizeof vetoes[0];
    }
    return pool_composite_decider(&run->composite, decider);
}

static inline enum pool_status make_decider(struct run *run, unsigned ceiling, struct pool_decider *decider)
{
    switch (run->who) {
    case AIMD:
        run->aimd = (struct pool_aimd){
            .demand = POOL_SIGNAL_UTILISATION, .high = 0.75, .low = 0.40, .add = 1, .keep = 0.75};
        return pool_aimd_decider(&run->aimd, decider);
    case PID:
    case PID_EXACT:
    case PID_WINDING:
        run->pid = (struct pool_pid){
            .signal = POOL_SIGNAL_UTILISATION, .target = 0.7, .kp = 0.4, .ki = 0.6, .kd = 0.05};
        run->pid.zone = run->who == PID ? 0.1 : 0;
        run->pid.tracking = run->who == PID_WINDING ? 0 : run->pid.ki;
        run->pid.floor = run->who == PID_WINDING ? 1 : RUN_FLOOR;
        run->pid.ceiling = run->who == PID_WINDING ? NO_CEILING : ceiling;
        return pool_pid_decider(&run->pid, decider);
    case TREND:
        run->trend = (struct pool_trend){.used = 0.7,
                                         .horizon = 2 * POOL_SECOND,
                                         .level = POOL_SECOND / 2,
                                         .slope = 2 * POOL_SECOND,
                                         .trust = 2};
        return pool_trend_decider(&run->trend, decider);
    case TIMETABLE:
    case VETOED:
        if (pool_threshold_decider(&run->threshold, &run->reactive) != POOL_OK)
            return POOL_INVALID;
        run->schedule =
            (struct pool_schedule){teeth, sizeof teeth / sizeof teeth[0], 60 * POOL_SECOND, 0, POOL_SECOND};
        if (pool_schedule_decider(&run->schedule, &run->forecast) != POOL_OK)
            return POOL_INVALID;
        return make_composite(run, decider);
    default:
        return pool_threshold_decider(&run->threshold, decider);
    }
}

/* Make a plant and a controller, and run the load to its end. CEILING 0: RUN_CEILING. */
static inline void run_make(struct run *run, enum contestant_name who, const struct load *load,
                            enum plant_kind kind, unsigned ceiling, uint64_t seed)
{
    const struct contestant *it = &contestants[who];
    ceiling = ceiling ? ceiling : RUN_CEILING;
    run->who = who;
    run->threshold = it->threshold;
    plant_init(&run->plant, load, kind, RUN_INITIAL, seed);
    struct pool_controller_options options = {.floor = RUN_FLOOR,
                                              .ceiling = ceiling,
                                              .initial = RUN_INITIAL,
                                              .smoothing = (uint64_t)(it->smoothing * 1e9),
                                              .up = (uint64_t)(it->up * 1e9),
                                              .down = (uint64_t)(it->down * 1e9),
                                              .log = 1024,
                                              .clock = &run->plant.clock,
                                              .context = &run->plant,
                                              .sample = plant_look,
                                              .resize = plant_resize};
    if (make_decider(run, ceiling, &options.decider) != POOL_OK ||
        pool_controller_create(&run->controller, &options) != POOL_OK)
        abort();
    plant_run(&run->plant, run->controller);
}

static inline void run_release(struct run *run)
{
    pool_controller_destroy(run->controller);
    plant_release(&run->plant);
}

#endif
