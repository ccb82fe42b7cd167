/* options.c - what an exploration does when nothing is said. */
#include "explore/explore.h"

struct explore_options explore_defaults(void)
{
    return (struct explore_options){
        .strategy = EXPLORE_PORTFOLIO,
        .schedules = 10000,
        .seed = 1,
        .bound = 3,
        .memory_points = 1,
        .detect_races = 1,
        .step_limit = 100000,
        .minimise = 1,
    };
}
