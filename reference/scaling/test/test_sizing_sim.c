/* test_sizing_sim.c - the formulas beside a simulation of the queue that they are about.
 *
 * The simulation knows no formula: a task starts when it has arrived and the first worker is free (J. Kiefer
 * and J. Wolfowitz, "On the theory of queues with many servers", 1955). One seed, so the same numbers every
 * time. Tolerances: 4 % of the mean where the formula is exact and the rest is sampling (M/M/k, M/G/1), 0.3
 * percentage points for the late hundredth, 1 for the share that waits at all. Allen-Cunneen is an
 * approximation: 8 % where the spreads are at most 1; 20 % for a spread of 5.5 and eight workers, where it
 * says 17 % too much.
 */
#include "scaling_test.h"
#include "sizing.h"

enum { TASKS = 1000000, WARM_UP = 20000, MOST = 64 };

typedef double draw(uint64_t *random, double mean);

static double draw_constant(uint64_t *random, double mean)
{
    (void)random;
    return mean;
}

/* The sum of two: spread 1/2. */
static double draw_erlang2(uint64_t *random, double mean)
{
    return random_exponential(random, mean / 2) + random_exponential(random, mean / 2);
}

/* Nine in ten are short (1/2), one is long (5.5): E = 1, E[X^2] = 2 (0.9 / 4 + 0.1 x 30.25) = 6.5,
 * spread 5.5. */
static double draw_mixed(uint64_t *random, double mean)
{
    double factor = random_share(random) <= 0.9 ? 0.5 : 5.5;
    return random_exponential(random, mean * factor);
}

struct queue_result {
    double mean, late_share,
        busy; /* mean wait; share that waits longer than `late`; workers busy on average */
};

static unsigned first_free(const double *free_at, unsigned workers)
{
    unsigned first = 0;
    for (unsigned i = 1; i < workers; i++)
        if (free_at[i] < free_at[first])
            first = i;
    return first;
}

static struct queue_result simulate(unsigned workers, double rate, draw *between, draw *service, double late)
{
    uint64_t random = 2;
    double free_at[MOST] = {0}, now = 0, waited = 0, worked = 0, began = 0;
    unsigned long lates = 0;
    for (long i = 0; i < TASKS + WARM_UP; i++) {
        now += between(&random, 1 / rate);
        unsigned worker = first_free(free_at, workers);
        double wait = fmax(0, free_at[worker] - now), work = service(&random, 1);
        free_at[worker] = now + wait + work;
        if (i < WARM_UP) {
            began = now;
            continue;
        }
        waited += wait;
        worked += work;
        lates += wait > late;
    }
    return (struct queue_result){waited / TASKS, (double)lates / TASKS, worked / (now - began)};
}

static void random_arrivals_and_exponential_service(void **state)
{
    static const struct {
        unsigned workers;
        double used;
    } rows[] = {{1, 0.7}, {4, 0.8}, {16, 0.8}, {16, 0.9}, {40, 0.9}};
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        unsigned workers = rows[i].workers;
        struct pool_workload load = pool_workload_random(workers * rows[i].used, 1);
        double late = pool_wait_percentile(&load, workers, 0.99), mean = pool_wait_mean(&load, workers);
        struct queue_result seen = simulate(workers, load.rate, random_exponential, random_exponential, late);
        assert_near(seen.mean, mean, 0.04 * mean);
        assert_near(seen.late_share, 0.01, 0.003);
        assert_near(seen.busy, pool_offered_load(&load), 0.01 * load.rate); /* Little, for the workers */
        seen = simulate(workers, load.rate, random_exponential, random_exponential, 0);
        assert_near(seen.late_share, pool_erlang_c(workers, load.rate), 0.01);
    }
}

static void other_arrivals_and_services(void **state)
{
    static const struct {
        draw *between, *service;
        double arrival_spread, service_spread;
        unsigned workers;
        double used, tolerance;
    } rows[] = {{random_exponential, draw_constant, 1, 0, 1, 0.8, 0.04},   /* M/D/1, exact */
                {random_exponential, draw_mixed, 1, 5.5, 1, 0.7, 0.04},    /* M/G/1, exact */
                {random_exponential, draw_constant, 1, 0, 4, 0.9, 0.08},   /* M/D/4 */
                {random_exponential, draw_mixed, 1, 5.5, 8, 0.85, 0.20},   /* M/H2/8 */
                {draw_erlang2, draw_erlang2, 0.5, 0.5, 8, 0.9, 0.08},      /* E2/E2/8 */
                {draw_erlang2, random_exponential, 0.5, 1, 4, 0.9, 0.08}}; /* E2/M/4 */
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct pool_workload load = {rows[i].workers * rows[i].used, 1, rows[i].arrival_spread,
                                     rows[i].service_spread};
        double mean = pool_wait_mean(&load, rows[i].workers);
        struct queue_result seen = simulate(rows[i].workers, load.rate, rows[i].between, rows[i].service, 1);
        assert_near(seen.mean, mean, rows[i].tolerance * mean);
    }
}

/* X06: whoever puts the 99th percentile into Little's law plans for a load that is not there. */
static void little_is_about_means(void **state)
{
    struct queue_result seen = simulate(64, 20, random_exponential, random_exponential, 1);
    double p99 = log(100); /* of an exponential with mean 1 */
    (void)state;
    assert_near(seen.busy, pool_little(20, 1), 0.2);
    assert_true(pool_little(20, p99) > 4 * seen.busy);
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        CASE(random_arrivals_and_exponential_service),
        CASE(other_arrivals_and_services),
        CASE(little_is_about_means),
    };
    return cmocka_run_group_tests_name("scaling: sizing beside a simulation", cases, NULL, NULL);
}
