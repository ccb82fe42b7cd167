/* load.h - the recorded loads that the deciders are compared on: arrivals a second, as a table of points.
 *
 * Between two points the rate is a straight line. On top of it lies a wander, a slow random walk of a few
 * percent, and then chance: arrivals are Poisson. All of it comes from the seed, so a load is the same in
 * every run and for every decider.
 */
#ifndef DEEPEND_SCALING_LOAD_H
#define DEEPEND_SCALING_LOAD_H

#include <math.h>
#include <stddef.h>
#include <stdint.h>

struct load_point {
    double at, rate; /* seconds, arrivals a second */
};

struct load {
    const char *name;
    double seconds;
    double wander; /* the walk stays within +- this share of the rate */
    const struct load_point *points;
    size_t count;
    double step_at;            /* for the loads with one step: when; 0: none */
    double slow_from, slow_to; /* the downstream takes ten times as long meanwhile */
};

/* splitmix64 (Steele, Lea, Flood, OOPSLA 2014): the same on every machine for the same seed. */
static inline uint64_t random_bits(uint64_t *state)
{
    uint64_t z = *state += UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return z ^ z >> 31;
}

/* In (0, 1]. */
static inline double random_unit(uint64_t *state)
{
    return (double)((random_bits(state) >> 11) + 1) * 0x1p-53;
}

static inline double random_time(uint64_t *state, double mean)
{
    return -mean * log(random_unit(state));
}

static inline double load_rate(const struct load *load, double at)
{
    for (size_t i = 1; i < load->count; i++) {
        const struct load_point *from = &load->points[i - 1], *to = &load->points[i];
        if (at < to->at)
            return from->rate + (to->rate - from->rate) * (at - from->at) / (to->at - from->at);
    }
    return load->points[load->count - 1].rate;
}

/* --- the recordings: a task takes 50 ms, so 400 a second keep 20 workers busy -------------------------- */

#define LOAD_POINTS(name) name, sizeof name / sizeof name[0]

static const struct load_point noise_points[] = {{0, 400}};
static const struct load_point step_points[] = {{0, 400}, {60, 400}, {60, 1600}, {180, 1600}};
static const struct load_point ramp_points[] = {{0, 400}, {30, 400}, {150, 1600}, {180, 1600}, {300, 400}};
static const struct load_point saw_points[] = {{0, 400},   {60, 1600},  {60, 400},  {120, 1600},
                                               {120, 400}, {180, 1600}, {180, 400}, {240, 1600},
                                               {240, 400}, {300, 1600}};
/* Two minutes above what the ceiling of the windup case can do, then down to a third of that. */
static const struct load_point flood_points[] = {{0, 500},    {60, 500},  {60, 1600},
                                                 {180, 1600}, {180, 500}, {300, 500}};
/* 1,000 a second in front of a service that takes 20 ms x (1 + in flight / 50): 33 in flight. */
static const struct load_point steady_points[] = {{0, 1000}};

enum load_name { LOAD_NOISE, LOAD_STEP, LOAD_RAMP, LOAD_SAW, LOAD_FLOOD, LOAD_SLOW, LOADS };

static const struct load loads[LOADS] = {
    [LOAD_NOISE] = {"noise", 600, 0.10, LOAD_POINTS(noise_points), 0, 0, 0},
    [LOAD_STEP] = {"step", 180, 0.02, LOAD_POINTS(step_points), 60, 0, 0},
    [LOAD_RAMP] = {"ramp", 300, 0.02, LOAD_POINTS(ramp_points), 0, 0, 0},
    [LOAD_SAW] = {"sawtooth", 300, 0.02, LOAD_POINTS(saw_points), 0, 0, 0},
    [LOAD_FLOOD] = {"flood", 300, 0, LOAD_POINTS(flood_points), 180, 0, 0},
    [LOAD_SLOW] = {"slow downstream", 120, 0, LOAD_POINTS(steady_points), 0, 60, 63},
};

#endif
