/* test_histogram.c - buckets, what is counted where, and percentiles against the sorted truth.
 *
 * test_histogram SEED repeats the random part of a run.
 */
#include "scrape.h"

#include "histogram.h"
#include <float.h>
#include <math.h>

static uint64_t seed;

static const struct pool_buckets four = {.count = 4, .bounds = {-1, 0, 1, 10}};

static struct pool_histogram *histogram_make(struct pool_metrics *metrics, const struct pool_buckets *buckets)
{
    struct pool_histogram *histogram;
    assert_int_equal(pool_metrics_histogram(metrics, &(struct pool_series){.name = "h"}, buckets, &histogram),
                     POOL_OK);
    return histogram;
}

/* --- bounds -----------------------------------------------------------------------------------------------
 */

static void bounds_must_ascend_and_be_finite(void **state)
{
    (void)state;
    static const struct pool_buckets bad[] = {
        {.count = 0},
        {.count = POOL_MAX_BUCKETS + 1},
        {.count = 2, .bounds = {1, 1}},
        {.count = 2, .bounds = {2, 1}},
        {.count = 2, .bounds = {1, INFINITY}},
        {.count = 2, .bounds = {-INFINITY, 1}},
        {.count = 2, .bounds = {NAN, 1}},
        {.count = 2, .bounds = {1, NAN}},
    };
    struct pool_metrics *metrics = metrics_make(1);
    struct pool_series series = {.name = "h"};
    struct pool_histogram *histogram = (struct pool_histogram *)metrics;
    for (size_t i = 0; i < COUNT(bad); i++) {
        assert_int_equal(pool_metrics_histogram(metrics, &series, &bad[i], &histogram), POOL_INVALID);
        assert_null(histogram);
    }
    assert_int_equal(pool_metrics_histogram(metrics, &series, NULL, &histogram), POOL_INVALID);
    assert_int_equal(pool_metrics_histogram(NULL, &series, &four, &histogram), POOL_INVALID);
    assert_int_equal(pool_metrics_histogram(metrics, NULL, &four, &histogram), POOL_INVALID);
    assert_int_equal(pool_metrics_histogram(metrics, &series, &four, NULL), POOL_INVALID);
    pool_metrics_destroy(metrics);
}

static void the_same_histogram_has_the_same_bounds(void **state)
{
    (void)state;
    struct pool_metrics *metrics = metrics_make(1);
    struct pool_series series = {.name = "h"};
    struct pool_histogram *first = histogram_make(metrics, &four), *again;
    assert_int_equal(pool_metrics_histogram(metrics, &series, &four, &again), POOL_OK);
    assert_ptr_equal(first, again);
    struct pool_buckets other = four;
    other.bounds[3] = 11;
    assert_int_equal(pool_metrics_histogram(metrics, &series, &other, &again), POOL_INVALID);
    assert_null(again);
    other.count = 3;
    assert_int_equal(pool_metrics_histogram(metrics, &series, &other, &again), POOL_INVALID);
    pool_metrics_destroy(metrics);
}

static void the_ready_made_bounds_are_good(void **state)
{
    (void)state;
    static const struct pool_buckets *const ready[] = {&pool_buckets_seconds, &pool_buckets_fanout};
    for (size_t i = 0; i < COUNT(ready); i++) {
        struct pool_metrics *metrics = metrics_make(1);
        histogram_make(metrics, ready[i]);
        pool_metrics_destroy(metrics);
    }
    assert_true(pool_buckets_seconds.bounds[0] == 1e-6);
    assert_true(pool_buckets_seconds.bounds[pool_buckets_seconds.count - 1] == 10);
    assert_true(pool_buckets_fanout.bounds[0] == 1);
    assert_true(pool_buckets_fanout.bounds[pool_buckets_fanout.count - 1] == 100000);
}

static void exponential_bounds(void **state)
{
    (void)state;
    struct pool_buckets buckets;
    assert_int_equal(pool_buckets_exponential(&buckets, 0.5, 2, 4), POOL_OK);
    const double expected[] = {0.5, 1, 2, 4};
    assert_int_equal(buckets.count, 4);
    assert_memory_equal(buckets.bounds, expected, sizeof expected);
    assert_int_equal(pool_buckets_exponential(&buckets, 1, 2, POOL_MAX_BUCKETS), POOL_OK);
    static const struct {
        double first, factor;
        size_t count;
    } bad[] = {{0, 2, 4},     {-1, 2, 4},       {NAN, 2, 4},
               {1, 1, 4},     {1, 0.5, 4},      {1, -2, 4},
               {1, NAN, 4},   {1, 2, 0},        {1, 2, POOL_MAX_BUCKETS + 1},
               {1, 1e300, 3}, {INFINITY, 2, 1}, {1, 1 + DBL_EPSILON / 2, 2}};
    for (size_t i = 0; i < COUNT(bad); i++)
        assert_int_equal(pool_buckets_exponential(&buckets, bad[i].first, bad[i].factor, bad[i].count),
                         POOL_INVALID);
    assert_int_equal(pool_buckets_exponential(NULL, 1, 2, 4), POOL_INVALID);
}

/* --- counting ---------------------------------------------------------------------------------------------
 */

static void a_value_on_a_bound_belongs_below_it(void **state)
{
    (void)state;
    static const struct {
        double value;
        size_t bucket;
    } table[] = {{-INFINITY, 99}, {-DBL_MAX, 0},  {-1, 0},  {-0.5, 1}, {0, 1},
                 {-0.0, 1},       {1e-300, 2},    {1, 2},   {10, 3},   {10.0001, 4},
                 {DBL_MAX, 4},    {INFINITY, 99}, {NAN, 99}};
    for (size_t i = 0; i < COUNT(table); i++) {
        struct pool_metrics *metrics = metrics_make(2);
        struct pool_histogram *histogram = histogram_make(metrics, &four);
        struct pool_histogram_snapshot now;
        bool counted = table[i].bucket < 99;
        assert_int_equal(pool_histogram_observe(histogram, 1, table[i].value),
                         counted ? POOL_OK : POOL_INVALID);
        pool_histogram_snapshot(histogram, &now);
        assert_int_equal(now.count, counted);
        if (counted) {
            assert_int_equal(now.counts[table[i].bucket], 1);
            assert_true(now.sum == table[i].value && now.least == table[i].value &&
                        now.greatest == table[i].value);
        }
        pool_metrics_destroy(metrics);
    }
}

static void no_handle_means_switched_off(void **state)
{
    (void)state;
    struct pool_histogram_snapshot now = {.count = 9};
    assert_int_equal(pool_histogram_observe(NULL, 0, 1), POOL_OK);
    assert_int_equal(pool_histogram_observe(NULL, 0, NAN), POOL_INVALID);
    pool_histogram_snapshot(NULL, &now);
    assert_int_equal(now.count, 0);
    pool_histogram_snapshot(NULL, NULL);
}

struct observer {
    struct pool_histogram *histogram;
    int sign;
    unsigned shard;
};

enum { OBSERVED = 4000, OBSERVERS = 3 };

static void *observe_steps(void *arg)
{
    struct observer *observer = arg;
    for (int i = 1; i <= OBSERVED; i++)
        pool_histogram_observe(observer->histogram, observer->shard, observer->sign * i);
    return NULL;
}

/* All on one shard, with new extremes at every step: nothing may be lost. And each snapshot covers what it
 * counts. */
static void observers_on_one_shard_lose_nothing(void **state)
{
    (void)state;
    struct pool_metrics *metrics = metrics_make(1);
    struct pool_histogram *histogram = histogram_make(metrics, &four);
    struct observer observers[OBSERVERS] = {{histogram, 1, 0}, {histogram, -1, 0}, {histogram, 1, 0}};
    struct pool_histogram_snapshot now;
    pthread_t threads[OBSERVERS];
    for (int i = 0; i < OBSERVERS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, observe_steps, &observers[i]), 0);
    for (int i = 0; i < 300; i++) {
        pool_histogram_snapshot(histogram, &now);
        assert_true(now.counts[4] == 0 || now.greatest >= 10);
        assert_true(now.counts[0] == 0 || now.least <= -1);
    }
    for (int i = 0; i < OBSERVERS; i++)
        pthread_join(threads[i], NULL);
    pool_histogram_snapshot(histogram, &now);
    assert_int_equal(now.count, OBSERVERS * OBSERVED);
    assert_int_equal(now.counts[0], OBSERVED);
    assert_int_equal(now.counts[2], 2);
    assert_true(now.sum == OBSERVED * (OBSERVED + 1) / 2.0);
    assert_true(now.least == -OBSERVED && now.greatest == OBSERVED);
    pool_metrics_destroy(metrics);
}

/* One after another, perhaps under the id of one that has ended, and each in all shards: which thread owns a shard
 * is nobody's business outside. */
static void observers_one_after_another_lose_nothing(void **state)
{
    (void)state;
    enum { THREADS = 8 };
    struct pool_metrics *metrics = metrics_make(2);
    struct pool_histogram *histogram = histogram_make(metrics, &four);
    struct pool_histogram_snapshot now;
    assert_int_equal(pool_histogram_observe(histogram, 0, 10), POOL_OK); /* shard 0 is the main thread's */
    for (int i = 0; i < THREADS; i++) {
        struct observer observer = {histogram, 1, .shard = (unsigned)i};
        pthread_t thread;
        assert_int_equal(pthread_create(&thread, NULL, observe_steps, &observer), 0);
        pthread_join(thread, NULL);
    }
    pool_histogram_snapshot(histogram, &now);
    assert_int_equal(now.count, THREADS * OBSERVED + 1);
    assert_true(now.sum == THREADS * (OBSERVED * (OBSERVED + 1) / 2.0) + 10);
    assert_true(now.least == 1 && now.greatest == OBSERVED);
    pool_metrics_destroy(metrics);
}

/* --- percentiles ------------------------------------------------------------------------------------------
 */

static void quantile_refuses_what_makes_no_sense(void **state)
{
    (void)state;
    struct pool_histogram_snapshot some = {.buckets = four, .counts = {1}, .count = 1},
                                   none = {.buckets = four};
    struct pool_quantile quantile;
    const double bad[] = {-0.001, 1.001, NAN, INFINITY, -INFINITY};
    for (size_t i = 0; i < COUNT(bad); i++)
        assert_int_equal(pool_histogram_quantile(&some, bad[i], &quantile), POOL_INVALID);
    assert_int_equal(pool_histogram_quantile(NULL, 0.5, &quantile), POOL_INVALID);
    assert_int_equal(pool_histogram_quantile(&some, 0.5, NULL), POOL_INVALID);
    assert_int_equal(pool_histogram_quantile(&none, 0.5, &quantile), POOL_EMPTY);
}

/* Worked by hand: 2 in (0, 1], 6 in (1, 10], 2 above, from 0.2 to 40. */
static void quantiles_by_hand(void **state)
{
    (void)state;
    struct pool_histogram_snapshot snapshot = {
        .buckets = four, .counts = {0, 0, 2, 6, 2}, .count = 10, .least = 0.2, .greatest = 40};
    static const struct {
        double q, value, low, high;
    } table[] = {{0, 0.6, 0.2, 1}, {0.1, 0.6, 0.2, 1}, {0.2, 1, 0.2, 1},     {0.5, 5.5, 1, 10},
                 {0.8, 10, 1, 10}, {0.9, 25, 10, 40},  {0.95, 32.5, 10, 40}, {1, 40, 10, 40}};
    for (size_t i = 0; i < COUNT(table); i++) {
        struct pool_quantile got;
        assert_int_equal(pool_histogram_quantile(&snapshot, table[i].q, &got), POOL_OK);
        assert_true(fabs(got.value - table[i].value) < 1e-9);
        assert_true(got.low == table[i].low && got.high == table[i].high);
    }
}

/* Least and greatest narrow the bucket that they lie in. */
static void the_ends_are_no_wider_than_what_was_observed(void **state)
{
    (void)state;
    struct pool_histogram_snapshot snapshot = {
        .buckets = four, .counts = {0, 0, 0, 4, 0}, .count = 4, .least = 3, .greatest = 7};
    struct pool_quantile got;
    assert_int_equal(pool_histogram_quantile(&snapshot, 0.5, &got), POOL_OK);
    assert_true(got.low == 3 && got.high == 7 && got.value == 5);
}

static int by_size(const void *one, const void *other)
{
    double a = *(const double *)one, b = *(const double *)other;
    return (a > b) - (a < b);
}

/* Whatever was observed, the true quantile lies where the estimate says, and so does the estimate. */
static void the_true_quantile_is_where_the_estimate_says(void **state)
{
    (void)state;
    enum { MOST = 400 };
    uint64_t random = seed;
    for (int round = 0; round < 300; round++) {
        struct pool_metrics *metrics = metrics_make(4);
        struct pool_histogram *histogram = histogram_make(metrics, &four);
        struct pool_histogram_snapshot now;
        double values[MOST];
        size_t count = 1 + test_random_below(&random, MOST);
        double scale = (double)(1 + test_random_below(&random, 40)),
               shift = (double)test_random_below(&random, 20);
        for (size_t i = 0; i < count; i++) {
            values[i] = (double)test_random_below(&random, 1000) / 1000 * scale - shift;
            assert_int_equal(pool_histogram_observe(histogram, (unsigned)i, values[i]), POOL_OK);
        }
        qsort(values, count, sizeof *values, by_size);
        pool_histogram_snapshot(histogram, &now);
        for (int percent = 0; percent <= 100; percent++) {
            struct pool_quantile got;
            double q = percent / 100.0;
            size_t rank = (size_t)fmax(ceil(q * (double)count), 1);
            assert_int_equal(pool_histogram_quantile(&now, q, &got), POOL_OK);
            assert_true(got.low <= values[rank - 1] && values[rank - 1] <= got.high);
            assert_true(got.low <= got.value && got.value <= got.high);
        }
        pool_metrics_destroy(metrics);
    }
}

int main(int argc, char **argv)
{
    static const struct CMUnitTest cases[] = {
        CASE(bounds_must_ascend_and_be_finite),
        CASE(the_same_histogram_has_the_same_bounds),
        CASE(the_ready_made_bounds_are_good),
        CASE(exponential_bounds),
        CASE(a_value_on_a_bound_belongs_below_it),
        CASE(no_handle_means_switched_off),
        CASE(observers_on_one_shard_lose_nothing),
        CASE(observers_one_after_another_lose_nothing),
        CASE(quantile_refuses_what_makes_no_sense),
        CASE(quantiles_by_hand),
        CASE(the_ends_are_no_wider_than_what_was_observed),
        CASE(the_true_quantile_is_where_the_estimate_says),
    };
    seed = test_seed(argc, argv);
    return cmocka_run_group_tests_name("observability: histogram", cases, NULL, NULL);
}
