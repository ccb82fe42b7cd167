/* flapping.c - a controller on a load that wanders a little, and then on one that is four times as high.
 *
 * In virtual time, ten looks a second, seeded. On average 20 of 40 workers are busy; after ten minutes there
 * is work for 80.
 */
#include "loop.h"
#include <math.h>
#include <stdio.h>

enum { NOISE = 6000, END = 9000, LOOKS = 10 }; /* in looks; a second has so many */

static const struct policy {
    const char *name;
    int every; /* looks between two decisions */
    struct pool_threshold band;
    struct loop loop;
} policies[] = {
    {"one threshold, 50 %", 1, {POOL_SIGNAL_UTILISATION, 0.5, 0.5, 1.1, 0.9}, {4, 256, 0, 0, 0, {0}}},
    {"the same, every 5 s", 50, {POOL_SIGNAL_UTILISATION, 0.5, 0.5, 1.1, 0.9}, {4, 256, 0, 0, 0, {0}}},
    {"the same, smoothed 10 s", 1, {POOL_SIGNAL_UTILISATION, 0.5, 0.5, 1.1, 0.9}, {4, 256, 10, 0, 0, {0}}},
    {"band 75/40", 1, {POOL_SIGNAL_UTILISATION, 0.75, 0.4, 1.5, 0.8}, {4, 256, 0.28, 0, 0, {0}}},
    {"band 75/40, cooldowns", 1, {POOL_SIGNAL_UTILISATION, 0.75, 0.4, 1.5, 0.8}, {4, 256, 0.28, 2, 10, {0}}},
};

struct traffic {
    double wander, queued; /* in workers that it keeps busy for a tenth of a second */
    unsigned short chance[3];
};

/* A tenth of a second passes. */
static void pass(struct world *world, struct traffic *load, double mean)
{
    load->wander = fmax(-1, fmin(1, 0.9 * load->wander + erand48(load->chance) - 0.5));
    load->queued += mean * (1 + 0.1 * load->wander);
    double done = fmin(load->queued, world->workers);
    world->used = done / world->workers;
    load->queued -= done;
    world->now += POOL_SECOND / LOOKS;
}

static void run(const struct policy *policy)
{
    struct pool_threshold band = policy->band;
    struct loop loop = policy->loop;
    struct traffic load = {0};
    struct world world;
    unsigned least = 40, most[2] = {40, 0}, reached = 0; /* most: in noise, and after the step */
    double waited = 0;
    struct pool_controller_state state = {0};

    if (pool_threshold_decider(&band, &loop.decider) != POOL_OK)
        exit(1);
    world_init(&world, 40, &loop);
    for (int i = 0; i < END; i++) {
        pass(&world, &load, i < NOISE ? 20 : 80);
        if (i % policy->every == 0)
            steer(&world);
        most[i >= NOISE] = world.workers > most[i >= NOISE] ? world.workers : most[i >= NOISE];
        waited = fmax(waited, load.queued / world.workers / LOOKS);
        if (i < NOISE)
            state = pool_controller_state(world.controller);
        if (i < NOISE && world.workers < least)
            least = world.workers;
        if (i >= NOISE && !reached && world.workers >= 100)
            reached = (unsigned)i - NOISE;
    }
    printf("%-24s %8.1f %7u to %-3u %9.1f s %8u %7.1f s\n", policy->name,
           (double)(state.grew + state.shrank) * 60 * LOOKS / NOISE, least, most[0], (double)reached / LOOKS,
           most[1], waited);
    pool_controller_destroy(world.controller);
}

int main(void)
{
    printf("%-24s %8s %14s %11s %8s %9s\n", "", "resizes", "workers", "100 are", "most", "longest");
    printf("%-24s %8s %14s %11s %8s %9s\n", "", "a minute", "in noise", "there after", "then", "wait");
    for (size_t i = 0; i < sizeof policies / sizeof policies[0]; i++)
        run(&policies[i]);
    return 0;
}
