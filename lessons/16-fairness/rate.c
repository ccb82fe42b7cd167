/* rate.c - tasks that are quick and tasks that are slow: what a limit on the rate and one on the number do.
 *
 * In virtual milliseconds: 200 tasks a second are sent for two minutes. Bucket and limiter are the library's.
 */
#include "bucket.h"
#include "limiter.h"
#include <stdio.h>
#include <stdlib.h>

enum { EVERY = 5, STOP = 120000, MOST = STOP / EVERY }; /* ms; tasks */

static const struct policy {
    const char *name;
    uint64_t rate; /* 0: no such limit */
    unsigned number;
} policies[] = {{"100 a second", 100, 0}, {"20 at once", 0, 20}, {"both", 100, 20}};

struct gate {
    struct pool_bucket *bucket;
    struct pool_limiter *limiter;
    struct running {
        int ends;
        struct pool_limiter_permit permit;
    } running[MOST]; /* all take equally long, so they end in their order */
    int first, count, now, most;
};

static uint64_t virtual_now(void *context)
{
    return (uint64_t)((struct gate *)context)->now * POOL_MILLISECOND;
}

static void come(struct gate *gate, int takes)
{
    struct running *task = &gate->running[gate->count];

    if (gate->limiter && pool_limiter_try(gate->limiter, &task->permit) != POOL_OK)
        return;
    if (gate->bucket && pool_bucket_take(gate->bucket, 1, NULL) != POOL_OK) {
        if (gate->limiter)
            pool_limiter_done(gate->limiter, &task->permit, POOL_CALL_IGNORED);
        return;
    }
    task->ends = gate->now + takes;
    gate->count++;
}

static void leave(struct gate *gate)
{
    for (; gate->first < gate->count && gate->running[gate->first].ends <= gate->now; gate->first++)
        if (gate->limiter)
            pool_limiter_done(gate->limiter, &gate->running[gate->first].permit, POOL_CALL_GOOD);
}

static void run(const struct policy *policy, int takes)
{
    struct gate *gate = calloc(1, sizeof *gate);
    struct pool_clock clock = {virtual_now, gate};
    struct pool_bucket_options bucket = {
        .tokens = policy->rate, .period = POOL_SECOND, .burst = 1, .clock = &clock};
    struct pool_limiter_options limiter = {
        .rule = POOL_LIMITER_FIXED, .start = policy->number, .clock = &clock};

    if (!gate || (policy->rate && pool_bucket_create(&gate->bucket, &bucket) != POOL_OK) ||
        (policy->number && pool_limiter_create(&gate->limiter, &limiter) != POOL_OK))
        exit(1);
    for (; gate->now < STOP; gate->now++) {
        leave(gate);
        if (gate->now % EVERY == 0)
            come(gate, takes);
        if (gate->count - gate->first > gate->most)
            gate->most = gate->count - gate->first;
    }
    printf("%11d %9.1f/s", gate->most, gate->count * 1000.0 / STOP);
    pool_bucket_destroy(gate->bucket);
    pool_limiter_destroy(gate->limiter);
    free(gate);
}

int main(void)
{
    printf("%-16s%23s%23s\n%-16s", "", "a task takes 10 ms", "a task takes 30 s", "");
    printf("%11s %11s%11s %11s\n", "at once", "let in", "at once", "let in");
    for (size_t i = 0; i < sizeof policies / sizeof policies[0]; i++) {
        printf("%-16s", policies[i].name);
        run(&policies[i], 10);
        run(&policies[i], 30000);
        printf("\n");
    }
    return 0;
}
