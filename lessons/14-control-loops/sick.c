/* sick.c - a controller that grows into a store which is slow because too many ask it.
 *
 * In virtual milliseconds, without chance. 1,000 tasks a second; each calls a store that takes
 * 20 ms x (1 + in flight / 50), fails above 100 in flight, and is ten times as slow for three seconds. A task
 * tries three times at once. The breaker and the deciders are the library's.
 */
#include "breaker.h"
#include "loop.h"
#include <stdio.h>

enum { SLOW = 60000, WELL = 63000, STOP = 120000, MOST = 512, QUEUE = 2000, TRIES = 3 };

static const struct policy {
    const char *name;
    unsigned ceiling;
    int breaker; /* with a time limit of 100 ms for a call */
    int veto;    /* no growth while more than 5 % fail or the breaker is not closed */
} policies[] = {
    {"grows when busy", 256, 0, 0}, {"the same, up to 512", 512, 0, 0}, {"error veto", 256, 0, 1},
    {"breaker", 256, 1, 0},         {"breaker and veto", 256, 1, 1},
};

static const struct pool_breaker_options opens_soon = {.window = POOL_SECOND,
                                                       .volume = 20,
                                                       .percent = 50,
                                                       .open_least = 2 * POOL_SECOND,
                                                       .open_most = 8 * POOL_SECOND,
                                                       .probes = 5};

struct plant {
    struct world world;
    struct pool_breaker *breaker; /* NULL: there is none */
    struct slot {
        int tries, ends, good; /* tries 0: nothing runs here */
        struct pool_breaker_pass pass;
    } slots[MOST];
    int now, useful, bad, ended; /* ms; tasks; tries since the last look */
    unsigned queued, in_flight;
};

static void try_call(struct plant *plant, struct slot *slot)
{
    if (plant->breaker && pool_breaker_enter(plant->breaker, &slot->pass) != POOL_OK) {
        slot->tries = 0; /* told so at once */
        plant->ended++;
        plant->bad++;
        return;
    }
    int slow = plant->now >= SLOW && plant->now < WELL ? 10 : 1;
    int takes = slow * 20 * (50 + (int)plant->in_flight++) / 50, late = plant->breaker && takes > 100;
    slot->tries++;
    slot->good = plant->in_flight <= 100 && !late;
    slot->ends = plant->now + (late ? 100 : takes);
}

static void end_call(struct plant *plant, struct slot *slot)
{
    plant->in_flight--;
    plant->ended++;
    plant->bad += !slot->good;
    plant->useful += slot->good;
    if (plant->breaker)
        pool_breaker_leave(plant->breaker, &slot->pass, slot->good ? POOL_CALL_GOOD : POOL_CALL_FAILED);
    if (slot->good || slot->tries == TRIES)
        slot->tries = 0;
    else
        try_call(plant, slot);
}

static void pass(struct plant *plant)
{
    plant->queued += plant->queued < QUEUE;
    for (struct slot *slot = plant->slots; slot < plant->slots + MOST; slot++) {
        if (slot->tries && slot->ends <= plant->now)
            end_call(plant, slot);
        if (!slot->tries && plant->queued > 0 && plant->in_flight < plant->world.workers) {
            plant->queued--;
            try_call(plant, slot);
        }
    }
    plant->world.now = (uint64_t)++plant->now * POOL_MILLISECOND;
}

static void look_and_steer(struct plant *plant)
{
    static const enum pool_downstream told[] = {[POOL_BREAKER_CLOSED] = POOL_DOWNSTREAM_WELL,
                                                [POOL_BREAKER_OPEN] = POOL_DOWNSTREAM_SICK,
                                                [POOL_BREAKER_HALF_OPEN] = POOL_DOWNSTREAM_TRYING};

    plant->world.downstream = told[pool_breaker_view(plant->breaker).state];
    plant->world.used = (double)plant->in_flight / plant->world.workers;
    plant->world.errors = plant->ended ? (double)plant->bad / plant->ended : 0;
    plant->bad = plant->ended = 0;
    steer(&plant->world);
}

static void run(const struct policy *policy)
{
    struct plant *plant = calloc(1, sizeof *plant);
    struct pool_threshold band = {POOL_SIGNAL_UTILISATION, 0.75, 0.40, 1.5, 0.8};
    struct pool_veto errors = {POOL_SIGNAL_ERRORS, 0.05};
    struct pool_decider plain;
    struct pool_composite vetoed = {.reactive = &plain, .reactive_count = 1, .vetoes = &errors};
    struct loop loop = {4, policy->ceiling, 0.28, 2, 10, {0}};
    struct pool_breaker_options options = opens_soon;

    vetoed.veto_count = 1;
    if (!plant || pool_threshold_decider(&band, &plain) != POOL_OK ||
        pool_composite_decider(&vetoed, &loop.decider) != POOL_OK)
        exit(1);
    if (!policy->veto)
        loop.decider = plain;
    world_init(&plant->world, 56, &loop);
    options.clock = &plant->world.clock;
    if (policy->breaker && pool_breaker_create(&plant->breaker, &options) != POOL_OK)
        exit(1);
    printf("%-20s", policy->name);
    while (plant->now < STOP) {
        pass(plant);
        if (plant->now % 100 == 0)
            look_and_steer(plant);
        if (plant->now == SLOW || plant->now == WELL || plant->now == WELL + 7000 || plant->now == STOP)
            printf("%6u", plant->world.workers);
        plant->useful *= plant->now != STOP - 10000;
    }
    printf("%11u %8d/s\n", plant->in_flight, plant->useful / 10);
    pool_controller_destroy(plant->world.controller);
    pool_breaker_destroy(plant->breaker);
    free(plant);
}

int main(void)
{
    printf("%-20s%6s%6s%6s%6s%11s %10s\n", "workers after", "60 s", "63 s", "70 s", "120 s", "in flight",
           "useful");
    for (size_t i = 0; i < sizeof policies / sizeof policies[0]; i++)
        run(&policies[i]);
    return 0;
}
