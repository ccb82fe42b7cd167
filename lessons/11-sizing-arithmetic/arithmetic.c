/* arithmetic.c - five sums about sizes that are often done wrong, done by the library and, where a law is
 * doubted, by a simulation.
 *
 * The simulation: tasks arrive at random, take exponential times, and the first free worker takes the next
 * task. It knows no formula. Seeded, so it prints the same every time.
 */
#include "sizing.h"
#include <math.h>
#include <stdint.h>
#include <stdio.h>

/* --- a simulated pool ---------------------------------------------------------------------------------- */

enum { TASKS = 400000, MOST = 512 };

static double random_exponential(uint64_t *state, double mean)
{
    uint64_t z = *state += UINT64_C(0x9e3779b97f4a7c15); /* splitmix64 */
    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    z ^= z >> 31;
    return -mean * log((double)((z >> 11) + 1) * 0x1p-53);
}

struct seen {
    double busy, wait,
        last_wait; /* workers busy on average; mean wait; wait of the last hundred tasks, mean */
};

static struct seen simulate(unsigned workers, double rate, double service)
{
    uint64_t random = 1;
    double free_at[MOST] = {0}, now = 0, worked = 0;
    struct seen seen = {0};
    for (int i = 0; i < TASKS; i++) {
        unsigned first = 0;
        for (unsigned k = 1; k < workers; k++)
            if (free_at[k] < free_at[first])
                first = k;
        now += random_exponential(&random, 1 / rate);
        double wait = fmax(0, free_at[first] - now), work = random_exponential(&random, service);
        free_at[first] = now + wait + work;
        seen.wait += wait / TASKS;
        worked += work;
    }
    seen.busy = worked / now;
    return seen;
}

/* --- the sums ------------------------------------------------------------------------------------------ */

static void means_or_percentiles(void)
{
    double rate = 1000, mean = 0.100, p99 = mean * log(100);
    struct pool_workload load = pool_workload_random(rate, mean);
    unsigned enough = pool_workers_for_wait(&load, 0.99, 0.050);

    printf("1. Little's law is about means. 1000 tasks/s, 100 ms on average, 99th percentile %.0f ms.\n",
           p99 * 1e3);
    printf("   rate x mean              %4.0f busy\n", pool_little(rate, mean));
    printf("   simulated                %4.0f busy\n", simulate(400, rate, mean).busy);
    printf("   rate x 99th percentile   %4.0f: nothing in the system has this number\n",
           pool_little(rate, p99));
    printf("   99 %% wait 50 ms at most  %4u workers, from the mean and Erlang's C\n\n", enough);
}

static void need_and_ceiling(void)
{
    static const unsigned sizes[] = {20, 24, 29, 40};
    struct pool_workload load = pool_workload_random(200, 0.100);

    printf("2. As many workers as are busy is too few. 200 tasks/s of 100 ms: %.0f busy.\n",
           pool_offered_load(&load));
    printf("   workers  used   mean wait by Erlang   simulated\n");
    for (unsigned i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        struct seen seen = simulate(sizes[i], load.rate, load.service);
        char wait[32] = "without bound";
        if (!isinf(pool_wait_mean(&load, sizes[i])))
            snprintf(wait, sizeof wait, "%.2f ms", pool_wait_mean(&load, sizes[i]) * 1e3);
        printf("   %7u  %3.0f %%   %16s   %6.1f ms\n", sizes[i], 100 * 20.0 / sizes[i], wait,
               seen.wait * 1e3);
    }
    printf("\n");
}

static void order_of_limits(void)
{
    struct pool_workload load = pool_workload_random(200, 0.100);
    struct pool_size_limits limits = {.need = pool_workers_for_rate(&load, 1.2),
                                      .memory = pool_workers_for_memory(512ull << 20, 16ull << 20),
                                      .downstream = 22,
                                      .cpus = POOL_NO_LIMIT};
    struct pool_size_choice choice;
    enum pool_status status = pool_size_choose(&limits, &choice);

    printf("3. Headroom belongs to the need, not on top of the smallest limit.\n");
    printf("   need: 20 busy x 1.2 = %u   limits: memory %u, downstream %u\n", limits.need, limits.memory,
           limits.downstream);
    printf("   smallest, then + 20 %%:   %.0f: above what the downstream allows\n",
           ceil(choice.ceiling * 1.2));
    printf("   need against ceiling:    %u, and %s\n", choice.workers,
           status == POOL_OK ? "the load is met" : "told: this load cannot be met here. Shed, batch or buy");
    limits.downstream = 30;
    status = pool_size_choose(&limits, &choice);
    printf("   with downstream 30:      %u, and %s\n\n", choice.workers,
           status == POOL_OK ? "the load is met" : "not met");
}

static void use_and_size(void)
{
    static const unsigned sizes[] = {1, 4, 16, 64};
    static const double used[] = {0.70, 0.80, 0.95};

    printf("4. How hot a pool may run depends on its size. Mean wait in service times, random load:\n");
    printf("   workers     70 %%     80 %%     95 %%\n");
    for (unsigned i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        printf("   %7u", sizes[i]);
        for (unsigned k = 0; k < sizeof used / sizeof used[0]; k++) {
            struct pool_workload load = pool_workload_random(sizes[i] * used[k], 1);
            printf("%9.3f", pool_wait_mean(&load, sizes[i]));
        }
        printf("\n");
    }
    printf("\n");
}

static void batches(void)
{
    static const unsigned sizes[] = {19, 20, 29};
    double events = 1e6, writes = 5e4;

    printf("5. A batch that just fits does not fit. 1,000,000 events/s into 50,000 writes/s.\n");
    for (unsigned i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        double used = events / sizes[i] / writes;
        printf("   batches of %u: %5.1f %% of the writes, %s\n", sizes[i], used * 100,
               used < 1    ? "and a backlog drains"
               : used == 1 ? "and a backlog stays for ever"
                           : "and a backlog grows");
    }
    printf("   for 100 %%: %u, for 70 %%: %u\n", pool_batch_for_rate(events, writes, 1),
           pool_batch_for_rate(events, writes, 0.7));
}

int main(void)
{
    means_or_percentiles();
    need_and_ceiling();
    order_of_limits();
    use_and_size();
    batches();
    return 0;
}
