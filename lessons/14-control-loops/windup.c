/* windup.c - a PID controller and two minutes of more work than the ceiling allows.
 *
 * In virtual time, ten looks a second, without chance. There is work for 25 workers, from 60 s to 180 s for
 * 80, and the ceiling is 64. What does not fit is refused, so no queue is left behind.
 */
#include "loop.h"
#include <math.h>
#include <stdio.h>

enum { FLOOD = 600, EBB = 1800, END = 2460, CEILING = 64 }; /* in looks; workers */

static const struct policy {
    const char *name;
    double ki, tracking;
    unsigned floor, ceiling; /* that the decider knows of */
} policies[] = {
    {"PID, knows no ceiling", 0.6, 0, 1, 1000000},
    {"PID, clamped", 0.6, 0, 4, CEILING},
    {"and pulled back", 0.6, 0.6, 4, CEILING},
    {"P alone", 0, 0, 4, CEILING},
};

static void run(const struct policy *policy)
{
    static const int shown[] = {0, 20, 50, 100, 200, 300, 600}; /* looks after the flood */
    struct pool_pid pid = {.signal = POOL_SIGNAL_UTILISATION, .target = 0.7, .kp = 0.4, .kd = 0.05};
    struct loop loop = {4, CEILING, 0.5, 0.5, 2, {0}};
    struct world world;
    size_t next = 0;

    pid.ki = policy->ki;
    pid.tracking = policy->tracking;
    pid.floor = policy->floor;
    pid.ceiling = policy->ceiling;
    if (pool_pid_decider(&pid, &loop.decider) != POOL_OK)
        exit(1);
    world_init(&world, 40, &loop);
    printf("%-24s", policy->name);
    for (int i = 0; i < END; i++) {
        double work = i >= FLOOD && i < EBB ? 80 : 25;
        world.used = fmin(work, world.workers) / world.workers;
        world.now += POOL_SECOND / 10;
        steer(&world);
        if (next < 7 && i == EBB - 1 + shown[next]) {
            printf("%7u", world.workers);
            next++;
        }
    }
    printf("\n");
    pool_controller_destroy(world.controller);
}

int main(void)
{
    printf("workers, seconds after\n%-24s%7d%7d%7d%7d%7d%7d%7d\n", "the flood has ended", 0, 2, 5, 10, 20, 30,
           60);
    for (size_t i = 0; i < sizeof policies / sizeof policies[0]; i++)
        run(&policies[i]);
    return 0;
}
