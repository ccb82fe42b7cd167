/* figures.h - what a run comes to: numbers for the tables of bench_deciders, and for the tests that assert
 * them.
 */
#ifndef DEEPEND_SCALING_FIGURES_H
#define DEEPEND_SCALING_FIGURES_H

#include "contestants.h"

#define PROMISE 0.100 /* seconds: the 99th percentile of the wait shall not be above it */

enum { FLOOD_CEILING = 64 }; /* for LOAD_FLOOD, which needs 114 */

/* --- any load ------------------------------------------------------------------------------------------ */

struct figures {
    double resizes_a_minute;
    double late;      /* share of the ticks with the promise broken */
    double mean_size; /* what it costs */
    unsigned least, most;
    double reached; /* seconds from the step until there are workers for it, at 75 % used; NAN: never, or no
                       step */
    double kept_again; /* seconds from the step until the promise is kept for good */
    double overshoot;  /* largest size after the step over that of the last 30 s, less 1 */
    double refused;    /* share of the arrivals */
};

static inline void step_figures(const struct plant *plant, struct figures *figures)
{
    double step = plant->load->step_at, end = plant->load->seconds, last = 0, peak = 0, count = 0;
    double need = ceil(load_rate(plant->load, end) * PLANT_SERVICE / 0.75);

    for (size_t i = 0; i < plant->lines; i++) {
        const struct plant_line *line = &plant->history[i];
        if (line->at < step)
            continue;
        if (isnan(figures->reached) && line->size >= need)
            figures->reached = line->at - step;
        if (line->dwell > PROMISE)
            figures->kept_again = line->at - step;
        peak = fmax(peak, line->size);
        last += line->at > end - 30 ? line->size : 0;
        count += line->at > end - 30;
    }
    figures->overshoot = peak / (last / count) - 1;
}

static inline struct figures run_figures(const struct run *run)
{
    const struct plant *plant = &run->plant;
    struct figures figures = {
        .least = plant->history[0].size, .reached = NAN, .kept_again = 0, .overshoot = NAN};
    double resizes = 0, late = 0, sizes = 0;

    for (size_t i = 0; i < plant->lines; i++) {
        const struct plant_line *line = &plant->history[i];
        resizes += i > 0 && line->size != plant->history[i - 1].size;
        late += line->dwell > PROMISE;
        sizes += line->size;
        figures.least = line->size < figures.least ? line->size : figures.least;
        figures.most = line->size > figures.most ? line->size : figures.most;
    }
    figures.resizes_a_minute = resizes / (plant->load->seconds / 60);
    figures.late = late / (double)plant->lines;
    figures.mean_size = sizes / (double)plant->lines;
    figures.refused = (double)plant->refused / (double)plant->arrived;
    if (plant->load->step_at > 0)
        step_figures(plant, &figures);
    return figures;
}

/* --- I05: growing into a sick downstream --------------------------------------------------------------- */

struct sickness {
    unsigned healthy_peak, peak; /* in flight, before the slowdown and after its beginning */
    double healthy_after; /* seconds after its end with errors above 1 % or the promise broken, the last */
    int grew;             /* resizes upwards while the breaker was not closed */
    int moved_open;       /* any resize while it was open (I45) */
};

static inline struct sickness run_sickness(const struct run *run)
{
    const struct plant *plant = &run->plant;
    struct sickness it = {0};
    for (size_t i = 1; i < plant->lines; i++) {
        const struct plant_line *line = &plant->history[i];
        unsigned *peak = line->at < plant->load->slow_from ? &it.healthy_peak : &it.peak;
        *peak = line->in_flight > *peak ? line->in_flight : *peak;
        if (line->at >= plant->load->slow_to && (line->errors > 0.01 || line->dwell > PROMISE))
            it.healthy_after = line->at - plant->load->slow_to;
        it.grew += line->downstream != POOL_DOWNSTREAM_WELL && line->size > line[-1].size;
        it.moved_open += line->downstream == POOL_DOWNSTREAM_SICK && line->size != line[-1].size;
    }
    return it;
}

/* --- I46: integral windup ------------------------------------------------------------------------------ */

struct windup {
    double left;      /* seconds from the drop until the size leaves the ceiling */
    double steady;    /* mean utilisation of the last minute, over the set-point, less 1 */
    double overshoot; /* the largest mean of any ten seconds from 20 s after the drop on, over the set-point,
                         less 1 */
};

static inline struct windup run_windup(const struct run *run)
{
    const struct plant *plant = &run->plant;
    struct windup it = {.left = INFINITY};
    double drop = plant->load->step_at, sum = 0, ten = 0, count = 0;
    for (size_t i = 0; i < plant->lines; i++) {
        const struct plant_line *line = &plant->history[i];
        if (isinf(it.left) && line->at > drop && line->size < FLOOD_CEILING)
            it.left = line->at - drop;
        if (line->at > plant->load->seconds - 60) {
            sum += line->utilisation;
            count++;
        }
        if (line->at > drop + 20) {
            ten += line->utilisation / 100;
            ten -= line->at > drop + 30 ? plant->history[i - 100].utilisation / 100 : 0;
            it.overshoot = line->at > drop + 30 ? fmax(it.overshoot, ten / run->pid.target - 1) : 0;
        }
    }
    it.steady = sum / count / run->pid.target - 1;
    return it;
}

#endif
