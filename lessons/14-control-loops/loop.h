/* loop.h - what the three programs share: a pool that is a few numbers, and the library's controller at it.
 *
 * The program lets time pass and says how busy the workers were; ten times a second it calls `steer`.
 */
#ifndef LESSON_LOOP_H
#define LESSON_LOOP_H

#include "controller.h"
#include <stdlib.h>

struct world {
    uint64_t now; /* ns */
    unsigned workers;
    double used, errors; /* what the controller sees of the last tenth of a second */
    enum pool_downstream downstream;
    struct pool_clock clock;
    struct pool_controller *controller;
};

struct loop {
    unsigned floor, ceiling;
    double smoothing, up, down; /* seconds: time constant, and cooldowns */
    struct pool_decider decider;
};

static inline uint64_t world_now(void *context)
{
    return ((struct world *)context)->now;
}

static inline enum pool_status world_look(void *context, struct pool_sample *sample)
{
    const struct world *world = context;

    sample->value[POOL_SIGNAL_UTILISATION] = world->used;
    sample->value[POOL_SIGNAL_ERRORS] = world->errors;
    sample->downstream = world->downstream;
    return POOL_OK;
}

static inline unsigned world_resize(void *context, unsigned size)
{
    return ((struct world *)context)->workers = size;
}

/* WORLD begins with so many WORKERS. */
static inline void world_init(struct world *world, unsigned workers, const struct loop *loop)
{
    struct pool_controller_options options = {.floor = loop->floor, .ceiling = loop->ceiling};

    *world = (struct world){.workers = workers, .clock = {world_now, world}};
    options.initial = workers;
    options.decider = loop->decider;
    options.smoothing = (uint64_t)(loop->smoothing * 1e9);
    options.up = (uint64_t)(loop->up * 1e9);
    options.down = (uint64_t)(loop->down * 1e9);
    options.log = 1;
    options.clock = &world->clock;
    options.context = world;
    options.sample = world_look;
    options.resize = world_resize;
    if (pool_controller_create(&world->controller, &options) != POOL_OK)
        abort();
}

static inline void steer(struct world *world)
{
    pool_controller_tick(world->controller);
}

#endif
