/* explore: class=ok
 *
 * One thread looks at the clock until two seconds are over, the other yields in between, and a third looks at
 * it with every look at a flag that nobody sets, to give up in the end.
 */
#include "../crew.h"
#include <sched.h>
#include <stdatomic.h>
#include <time.h>

static atomic_int flag;

static double now(void)
{
    struct timespec time;

    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static void *wait_two_seconds(void *number)
{
    double until = now() + 2;

    while (now() < until)
        if (number)
            sched_yield();
    return NULL;
}

static void *wait_for_flag(void *number)
{
    double until = now() + 5;

    while (!atomic_load(&flag) && now() < until)
        ;
    return number;
}

int main(void)
{
    struct crew crew = {.count = 0};

    crew_start(&crew, 2, wait_two_seconds);
    crew_start(&crew, 1, wait_for_flag);
    crew_join(&crew);
    return 0;
}
