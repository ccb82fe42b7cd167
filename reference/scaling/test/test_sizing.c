/* test_sizing.c - the formulas beside published tables, the catalogue's arithmetic, and nonsense.
 *
 * Sources of the tables:
 *  - Erlang B: D. Collins, "Carrier Grade Voice over IP", 2nd ed. 2003, appendix A (offered load for a given
 *    blocking, one decimal), and the worked example of the Erlang B calculator manual of Westbay Engineers:
 * 15 lines and 1 % carry 8.108 erlangs.
 *  - Erlang C: the worked example of pyworkforce's documentation (10 erlangs, 14 agents: 0.17413193359505;
 *    within 20 s of calls of 180 s: 0.88835001917947), and of the Mitan "Erlang-C formula" tutorial (360
 * calls in half an hour of 4 minutes each, 55 agents: 0.239 wait, 8.2 s on average, 0.846 within 15 s).
 */
#include "scaling_test.h"
#include "sizing.h"

static void erlang_b_agrees_with_a_published_table(void **state)
{
    static const struct {
        unsigned servers;
        double at_1_percent, at_5_percent; /* erlangs, rounded to one decimal in the source */
    } rows[] = {{2, 0.2, 0.4}, {3, 0.5, 0.9}, {4, 0.9, 1.5}, {5, 1.4, 2.2},
                {6, 1.9, 3.0}, {7, 2.5, 3.7}, {8, 3.1, 4.5}, {9, 3.8, 5.4}};
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        /* the load that gives the blocking lies within the rounding of the printed one */
        assert_true(pool_erlang_b(rows[i].servers, rows[i].at_1_percent - 0.05) < 0.01);
        assert_true(pool_erlang_b(rows[i].servers, rows[i].at_1_percent + 0.05) > 0.01);
        assert_true(pool_erlang_b(rows[i].servers, rows[i].at_5_percent - 0.05) < 0.05);
        assert_true(pool_erlang_b(rows[i].servers, rows[i].at_5_percent + 0.05) > 0.05);
    }
    assert_near(pool_erlang_b(15, 8.108), 0.01, 5e-6);
}

static void erlang_b_agrees_with_its_definition(void **state)
{
    (void)state;
    for (unsigned servers = 0; servers <= 20; servers++)
        for (double load = 0.5; load < 30; load += 1.7) {
            double sum = 0, term = 1;
            for (unsigned k = 0; k <= servers; term *= load / ++k)
                sum += term;
            assert_near(pool_erlang_b(servers, load), term * (servers + 1) / load / sum, 1e-12);
        }
    assert_near(pool_erlang_b(0, 3), 1, 0);
    assert_near(pool_erlang_b(3, 0), 0, 0);
}

static void the_recursion_neither_overflows_nor_drowns(void **state)
{
    (void)state;
    assert_near(pool_erlang_b(1000, 1000), 0.0249, 1e-3); /* 1000^1000 is no double */
    assert_true(pool_erlang_b(100000, 1) == 0);
    assert_near(pool_erlang_b(10, 1e12), 1, 1e-10);
    double c = pool_erlang_c(100000, 99000);
    assert_true(c > 0 && c < 0.01);
}

static void erlang_c_agrees_with_published_examples(void **state)
{
    (void)state;
    struct pool_workload calls = pool_workload_random(100.0 / 1800, 180);
    assert_near(pool_erlang_c(14, 10), 0.1741319335950498, 1e-14);
    assert_near(1 - pool_wait_chance(&calls, 14, 20), 0.8883500191794669, 1e-12);

    struct pool_workload mitan = pool_workload_random(360.0 / 1800, 240);
    assert_near(pool_erlang_c(55, 48), 0.239, 0.0005);
    assert_near(pool_wait_mean(&mitan, 55), 8.2, 0.05);
    assert_near(1 - pool_wait_chance(&mitan, 55, 15), 0.846, 0.0005);
}

static void erlang_c_by_hand(void **state)
{
    (void)state;
    assert_near(pool_erlang_c(1, 0.7), 0.7, 1e-15);   /* one server: the chance to find it busy */
    assert_near(pool_erlang_c(2, 1), 1.0 / 3, 1e-15); /* 1/2 + 1 - 1 over 1 + 1 + 1/2 + ..., worked out */
    assert_near(pool_erlang_c(4, 4), 1, 0);
    assert_near(pool_erlang_c(4, 9), 1, 0);
    assert_near(pool_erlang_c(0, 0), 1, 0);
    assert_near(pool_erlang_c(3, 0), 0, 0);
}

/* M25: queue wait in service times at 70, 80 and 95 %. */
static void waits_grow_with_use_and_shrink_with_size(void **state)
{
    static const struct {
        unsigned workers;
        double wait[3], printed_to;
    } rows[] = {{1, {2.33, 4.00, 19.0}, 0.05},
                {4, {0.36, 0.75, 4.46}, 0.005},
                {16, {0.027, 0.095, 0.98}, 0.005},
                {64, {0, 0.004, 0.18}, 0.005}};
    static const double used[] = {0.70, 0.80, 0.95};
    (void)state;
    for (size_t i = 0; i < 4; i++)
        for (size_t k = 0; k < 3; k++) {
            struct pool_workload load = pool_workload_random(rows[i].workers * used[k], 1);
            assert_near(pool_wait_mean(&load, rows[i].workers), rows[i].wait[k], rows[i].printed_to);
        }
}

/* X07's example: 200 tasks/s of 100 ms. */
static void as_many_workers_as_are_busy_is_too_few(void **state)
{
    struct pool_workload load = pool_workload_random(200, 0.100);
    (void)state;
    assert_near(pool_offered_load(&load), 20, 1e-12);
    assert_true(isinf(pool_wait_mean(&load, 20)));
    assert_true(isinf(pool_wait_percentile(&load, 20, 0)));
    assert_near(pool_wait_chance(&load, 20, 5), 1, 0);
    assert_near(pool_wait_mean(&load, 24), 0.0075, 0.00005);
    assert_near(pool_wait_mean(&load, 29), 0.00045, 0.000005);
    assert_near(pool_wait_mean(&load, 40), 0, 0.000001);
}

static void percentile_and_chance_are_each_others_inverse(void **state)
{
    struct pool_workload load = pool_workload_random(9, 1);
    (void)state;
    for (double share = 0.5; share < 0.9999; share += 0.07) {
        double at = pool_wait_percentile(&load, 10, share);
        assert_near(pool_wait_chance(&load, 10, at), 1 - share, 1e-12);
    }
    assert_near(pool_wait_percentile(&load, 10, 0.1), 0, 0); /* more than a tenth do not wait at all */
    assert_near(pool_wait_chance(&load, 10, 0), pool_erlang_c(10, 9), 1e-15);
}

static void variance_scales_the_wait(void **state)
{
    struct pool_workload load = pool_workload_random(0.8, 1);
    (void)state;
    load.service_spread = 0; /* M/D/1 waits half as long as M/M/1, by Pollaczek and Khinchine */
    assert_near(pool_wait_mean(&load, 1), 2, 1e-12);
    load.service_spread = 9;
    assert_near(pool_wait_mean(&load, 1), 20, 1e-12);
    load.arrival_spread = load.service_spread = 0; /* clockwork never waits while it keeps up */
    assert_near(pool_wait_mean(&load, 1), 0, 0);
    assert_near(pool_wait_chance(&load, 1, 0), 0, 0);
    assert_near(pool_wait_percentile(&load, 1, 0.99), 0, 0);
    load.rate = 0;
    assert_near(pool_wait_mean(&load, 0), 0, 0);
}

static void the_fewest_workers_for_a_promise(void **state)
{
    struct pool_workload load = pool_workload_random(200, 0.100);
    (void)state;
    for (double limit = 0; limit < 0.3; limit += 0.03) {
        unsigned workers = pool_workers_for_wait(&load, 0.99, limit);
        assert_true(workers > 20);
        assert_true(pool_wait_percentile(&load, workers, 0.99) <= limit);
        assert_true(pool_wait_percentile(&load, workers - 1, 0.99) > limit);
    }
    struct pool_workload none = pool_workload_random(0, 1), much = pool_workload_random(2e6, 1);
    assert_int_equal(pool_workers_for_wait(&none, 0.99, 0), 1);
    assert_int_equal(pool_workers_for_wait(&much, 0.99, 1), 0);
    assert_int_equal(pool_workers_for_wait(&load, 1, 1), 0); /* nobody can promise it for all */
}

static void margins_lie_inside_the_need(void **state)
{
    struct pool_workload load = pool_workload_random(200, 0.100);
    (void)state;
    assert_int_equal(pool_workers_for_rate(&load, 1.2), 24);
    assert_int_equal(pool_workers_for_rate(&load, 1 / 0.7), 29);
    assert_int_equal(pool_workers_for_rate(&load, 2), 40);
    assert_int_equal(pool_workers_for_rate(&load, 1), 21);      /* 20 would be 100 % busy */
    struct pool_workload odd = pool_workload_random(100, 0.07); /* 7.000000000000001 in binary */
    assert_int_equal(pool_workers_for_rate(&odd, 2), 14);
    load.rate = 0;
    assert_int_equal(pool_workers_for_rate(&load, 1), 1);
    load.rate = 1e12;
    assert_int_equal(pool_workers_for_rate(&load, 1), 0);
}

static void threads_for_a_mix(void **state)
{
    (void)state;
    assert_near(pool_threads_for_mix(8, 1, 0, 0.010), 8, 0);
    assert_near(pool_threads_for_mix(8, 0.5, 0.090, 0.010), 40, 1e-12);
    assert_near(pool_threads_for_mix(2, 1, 0.050, 0.005), 22, 1e-12);
    assert_true(isinf(pool_threads_for_mix(4, 1, 1, 0)));
    assert_nan(pool_threads_for_mix(4, 1.1, 1, 1));
    assert_nan(pool_threads_for_mix(-4, 1, 1, 1));
    assert_nan(pool_threads_for_mix(4, -1, 1, 1));
    assert_nan(pool_threads_for_mix(4, 1, -1, 1));
    assert_nan(pool_threads_for_mix(4, 1, 1, NAN));
}

/* X95: batches of 20 are exactly 100 % load. */
static void batches_need_spare_writes(void **state)
{
    (void)state;
    assert_int_equal(pool_batch_for_rate(1e6, 5e4, 1), 20);
    assert_int_equal(pool_batch_for_rate(1e6, 5e4, 0.7), 29);
    assert_int_equal(pool_batch_for_rate(10, 5e4, 0.7), 1);
    assert_int_equal(pool_batch_for_rate(10, 0, 0.7), 0);
    assert_int_equal(pool_batch_for_rate(0, 0, 1), 0);
    assert_int_equal(pool_batch_for_rate(10, 10, 0), 0);
    assert_int_equal(pool_batch_for_rate(10, 10, 1.5), 0);
    assert_int_equal(pool_batch_for_rate(-1, 10, 1), 0);
    assert_int_equal(pool_batch_for_rate(1, -10, 1), 0);
    assert_int_equal(pool_batch_for_rate(1, 10, NAN), 0);
}

static void memory_bounds_the_size(void **state)
{
    (void)state;
    assert_int_equal(pool_workers_for_memory(512ull << 20, 8ull << 20), 64);
    assert_int_equal(pool_workers_for_memory(100, 8ull << 20), 0);
    assert_int_equal(pool_workers_for_memory(100, 0), POOL_NO_LIMIT);
    assert_int_equal(pool_workers_for_memory(ULLONG_MAX, 1), POOL_NO_LIMIT);
}

static void assert_choice(unsigned need, unsigned memory, unsigned downstream, unsigned cpus,
                          enum pool_status status, unsigned workers, enum pool_size_bound bound)
{
    struct pool_size_limits limits = {need, memory, downstream, cpus};
    struct pool_size_choice choice;
    assert_int_equal(pool_size_choose(&limits, &choice), status);
    assert_int_equal(choice.workers, workers);
    assert_int_equal(choice.bound, bound);
}

static void need_first_then_the_smallest_limit(void **state)
{
    const unsigned no = POOL_NO_LIMIT;
    (void)state;
    assert_choice(24, no, no, no, POOL_OK, 24, POOL_BOUND_NEED);
    assert_choice(24, 60, 24, no, POOL_OK, 24, POOL_BOUND_NEED); /* equal is met */
    assert_choice(24, 60, 20, no, POOL_REJECTED, 20, POOL_BOUND_DOWNSTREAM);
    assert_choice(24, 16, 20, no, POOL_REJECTED, 16, POOL_BOUND_MEMORY);
    assert_choice(24, 60, 40, 8, POOL_REJECTED, 8, POOL_BOUND_CPUS);
    assert_choice(24, 0, 40, 8, POOL_REJECTED, 0, POOL_BOUND_MEMORY); /* a forgotten field is loud */

    struct pool_size_limits limits = {.need = 10, .memory = 30, .downstream = 12, .cpus = no};
    struct pool_size_choice choice;
    assert_int_equal(pool_size_choose(&limits, &choice), POOL_OK);
    assert_int_equal(choice.ceiling, 12);
    limits.need = 0;
    assert_int_equal(pool_size_choose(&limits, &choice), POOL_INVALID);
    assert_int_equal(pool_size_choose(NULL, &choice), POOL_INVALID);
    limits.need = 1;
    assert_int_equal(pool_size_choose(&limits, NULL), POOL_INVALID);
}

static void nonsense_is_not_a_number(void **state)
{
    const struct pool_workload good = pool_workload_random(1, 1);
    const double bad[] = {-1, NAN, INFINITY};
    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        assert_nan(pool_little(bad[i], 1));
        assert_nan(pool_little(1, bad[i]));
        assert_nan(pool_erlang_b(2, bad[i]));
        assert_nan(pool_erlang_c(2, bad[i]));
        assert_nan(pool_wait_chance(&good, 2, bad[i]));
        assert_nan(pool_wait_percentile(&good, 2, bad[i]));
        assert_int_equal(pool_workers_for_wait(&good, bad[i], 1), 0);
        assert_int_equal(pool_workers_for_wait(&good, 0.5, bad[i]), 0);
        assert_int_equal(pool_workers_for_rate(&good, bad[i]), 0);
        const struct pool_workload loads[] = {
            {bad[i], 1, 1, 1}, {1, bad[i], 1, 1}, {1, 1, bad[i], 1}, {1, 1, 1, bad[i]}};
        for (size_t k = 0; k < 4; k++) {
            assert_nan(pool_offered_load(&loads[k]));
            assert_nan(pool_wait_mean(&loads[k], 2));
            assert_nan(pool_wait_chance(&loads[k], 2, 1));
            assert_nan(pool_wait_percentile(&loads[k], 2, 0.5));
            assert_int_equal(pool_workers_for_wait(&loads[k], 0.5, 1), 0);
            assert_int_equal(pool_workers_for_rate(&loads[k], 1), 0);
        }
    }
    assert_nan(pool_wait_mean(NULL, 2));
    assert_nan(pool_wait_percentile(&good, 2, 1));
    assert_int_equal(pool_workers_for_rate(&good, 0.9), 0);
    assert_near(pool_little(1000, 0.2), 200, 1e-12);
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        CASE(erlang_b_agrees_with_a_published_table),
        CASE(erlang_b_agrees_with_its_definition),
        CASE(the_recursion_neither_overflows_nor_drowns),
        CASE(erlang_c_agrees_with_published_examples),
        CASE(erlang_c_by_hand),
        CASE(waits_grow_with_use_and_shrink_with_size),
        CASE(as_many_workers_as_are_busy_is_too_few),
        CASE(percentile_and_chance_are_each_others_inverse),
        CASE(variance_scales_the_wait),
        CASE(the_fewest_workers_for_a_promise),
        CASE(margins_lie_inside_the_need),
        CASE(threads_for_a_mix),
        CASE(batches_need_spare_writes),
        CASE(memory_bounds_the_size),
        CASE(need_first_then_the_smallest_limit),
        CASE(nonsense_is_not_a_number),
    };
    return cmocka_run_group_tests_name("scaling: sizing", cases, NULL, NULL);
}
