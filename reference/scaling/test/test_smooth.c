/* test_smooth.c - moving averages and windows: steps, gaps, nonsense, edges, and memory that runs out. */
/* link: -Wl,--wrap=calloc */
#include "scaling_test.h"
#include "smooth.h"

/* The wrapper has no argument for this, so it has to be global. */
static int refuse_memory;

void *__real_calloc(size_t count, size_t size);
void *__wrap_calloc(size_t count, size_t size)
{
    return refuse_memory ? NULL : __real_calloc(count, size);
}

#define MS POOL_MILLISECOND

/* --- moving average ------------------------------------------------------------------------------------ */

static void the_first_sample_is_the_answer(void **state)
{
    struct pool_ewma ewma;
    (void)state;
    pool_ewma_init(&ewma, 1000 * MS);
    assert_near(ewma.value, 0, 0);
    assert_near(pool_ewma_add(&ewma, 5, 42), 42, 0);
    assert_int_equal(ewma.count, 1);
}

static void a_step_is_followed_to_63_percent_in_tau(void **state)
{
    static const uint64_t intervals[] = {1 * MS, 10 * MS, 100 * MS, 500 * MS, 1000 * MS};
    (void)state;
    for (size_t i = 0; i < 5; i++) { /* however often one looks */
        struct pool_ewma ewma;
        pool_ewma_init(&ewma, 1000 * MS);
        pool_ewma_add(&ewma, 0, 0);
        for (uint64_t now = intervals[i]; now <= 1000 * MS; now += intervals[i])
            pool_ewma_add(&ewma, now, 1);
        assert_near(ewma.value, 1 - exp(-1), 1e-9);
    }
}

static void irregular_looks_give_the_same(void **state)
{
    struct pool_ewma ewma;
    uint64_t random = 7, now = 0;
    (void)state;
    pool_ewma_init(&ewma, 1000 * MS);
    pool_ewma_add(&ewma, 0, 0);
    while (now < 3000 * MS) {
        now += random_next(&random) % (200 * MS);
        pool_ewma_add(&ewma, now, 1);
    }
    assert_near(ewma.value, 1 - exp(-(double)now / (1000.0 * MS)), 1e-9);
}

static void what_is_not_finite_changes_nothing(void **state)
{
    struct pool_ewma ewma;
    (void)state;
    pool_ewma_init(&ewma, 1000 * MS);
    pool_ewma_add(&ewma, 10, NAN);
    assert_int_equal(ewma.count, 0);
    pool_ewma_add(&ewma, 10, 3);
    assert_near(pool_ewma_add(&ewma, 20, NAN), 3, 0);
    assert_near(pool_ewma_add(&ewma, 30, INFINITY), 3, 0);
    assert_int_equal(ewma.at, 10);
    pool_ewma_init(&ewma, 0);
    pool_ewma_add(&ewma, 0, -1.7e308);
    assert_true(isfinite(pool_ewma_add(&ewma, 1, 1.7e308)));
}

static void time_that_stands_weighs_nothing(void **state)
{
    struct pool_ewma ewma;
    (void)state;
    pool_ewma_init(&ewma, 1000 * MS);
    pool_ewma_add(&ewma, 10, 3);
    assert_near(pool_ewma_add(&ewma, 10, 100), 3, 0);
    assert_near(pool_ewma_add(&ewma, 4, 100), 3, 0);
    assert_int_equal(ewma.at, 10); /* it never goes back */
    pool_ewma_init(&ewma, 0);
    pool_ewma_add(&ewma, 10, 3);
    assert_near(pool_ewma_add(&ewma, 10, 100), 100, 0);
    ewma.count = UINT64_MAX;
    pool_ewma_add(&ewma, 11, 1);
    assert_true(ewma.count == UINT64_MAX);
}

static void alpha_and_tau(void **state)
{
    struct pool_ewma ewma;
    (void)state;
    assert_near((double)pool_ewma_tau(0.3, 100 * MS) / 1e6, 280.4, 0.1);
    assert_near((double)pool_ewma_tau(0.1, 100 * MS) / 1e6, 949.1, 0.1);
    pool_ewma_init(&ewma, pool_ewma_tau(0.3, 100 * MS));
    pool_ewma_add(&ewma, 0, 0);
    assert_near(pool_ewma_add(&ewma, 100 * MS, 1), 0.3, 1e-6);
    assert_int_equal(pool_ewma_tau(0, 1), 0);
    assert_int_equal(pool_ewma_tau(1, 1), 0);
    assert_int_equal(pool_ewma_tau(NAN, 1), 0);
    assert_true(pool_ewma_tau(1e-9, UINT64_MAX) == UINT64_MAX);
}

/* --- window -------------------------------------------------------------------------------------------- */

static struct pool_window *window_make(size_t capacity, uint64_t span)
{
    struct pool_window *window;
    assert_int_equal(pool_window_create(&window, capacity, span), POOL_OK);
    return window;
}

static void percentiles_are_nearest_ranks(void **state)
{
    struct pool_window *window = window_make(10, 0);
    (void)state;
    assert_nan(pool_window_percentile(window, 0, 0.5));
    assert_nan(pool_window_mean(window, 0));
    for (int i = 1; i <= 10; i++)
        pool_window_add(window, 0, 11 - i);
    assert_near(pool_window_percentile(window, 0, 0), 1, 0);
    assert_near(pool_window_percentile(window, 0, 0.1), 1, 0);
    assert_near(pool_window_percentile(window, 0, 0.11), 2, 0);
    assert_near(pool_window_percentile(window, 0, 0.5), 5, 0);
    assert_near(pool_window_percentile(window, 0, 0.7), 7, 0);
    assert_near(pool_window_percentile(window, 0, 1), 10, 0);
    assert_nan(pool_window_percentile(window, 0, 1.01));
    assert_nan(pool_window_percentile(window, 0, -0.01));
    assert_nan(pool_window_percentile(window, 0, NAN));
    assert_near(pool_window_mean(window, 0), 5.5, 1e-12);
    pool_window_destroy(window);
    window = window_make(100, 0);
    for (int i = 1; i <= 100; i++)
        pool_window_add(window, 0, i);
    assert_near(pool_window_percentile(window, 0, 0.07), 7, 0); /* 0.07 x 100 is a little above 7 in binary */
    pool_window_destroy(window);
}

static void old_samples_leave(void **state)
{
    struct pool_window *window = window_make(10, 100);
    (void)state;
    pool_window_add(window, 1000, 5);
    pool_window_add(window, 1050, 7);
    assert_int_equal(pool_window_count(window, 1100), 2); /* exactly as old as the span: still in */
    assert_int_equal(pool_window_count(window, 1101), 1);
    assert_near(pool_window_percentile(window, 1101, 0.5), 7, 0);
    assert_near(pool_window_mean(window, 1150), 7, 0);
    pool_window_add(window, 1151, NAN); /* left out, but time has passed */
    assert_int_equal(pool_window_count(window, 0), 0);
    pool_window_destroy(window);
}

static void the_newest_are_kept(void **state)
{
    struct pool_window *window = window_make(3, 0);
    (void)state;
    for (int i = 0; i < 100; i++)
        pool_window_add(window, 0, i % 7);
    assert_int_equal(pool_window_count(window, UINT64_MAX), 3);
    assert_near(pool_window_mean(window, 0), (97 % 7 + 98 % 7 + 99 % 7) / 3.0, 1e-12);
    pool_window_destroy(window);
}

static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void it_agrees_with_sorting(void **state)
{
    enum { CAPACITY = 17, SAMPLES = 2000 };
    struct pool_window *window = window_make(CAPACITY, 0);
    uint64_t random = 3;
    double last[CAPACITY], sorted[CAPACITY];
    (void)state;
    for (int i = 0; i < SAMPLES; i++) {
        double value = (double)(random_next(&random) % 23); /* many are equal */
        pool_window_add(window, (uint64_t)i, value);
        last[i % CAPACITY] = value;
        size_t count = i < CAPACITY ? (size_t)i + 1 : CAPACITY;
        memcpy(sorted, last, sizeof sorted);
        qsort(sorted, count, sizeof sorted[0], ascending);
        for (size_t rank = 1; rank <= count; rank++)
            assert_near(pool_window_percentile(window, (uint64_t)i, (double)rank / (double)count),
                        sorted[rank - 1], 0);
    }
    pool_window_destroy(window);
}

static void sizes_and_memory(void **state)
{
    struct pool_window *window = (struct pool_window *)&refuse_memory;
    (void)state;
    assert_int_equal(pool_window_create(NULL, 1, 1), POOL_INVALID);
    assert_int_equal(pool_window_create(&window, 0, 1), POOL_INVALID);
    assert_null(window);
    assert_int_equal(pool_window_create(&window, (size_t)-1, 1), POOL_INVALID);
    assert_int_equal(pool_window_create(&window, POOL_WINDOW_MOST + 1, 1), POOL_INVALID);
    refuse_memory = 1;
    assert_int_equal(pool_window_create(&window, 1, 1), POOL_NO_MEMORY);
    refuse_memory = 0;
    assert_null(window);
    pool_window_destroy(NULL);
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        CASE(the_first_sample_is_the_answer),
        CASE(a_step_is_followed_to_63_percent_in_tau),
        CASE(irregular_looks_give_the_same),
        CASE(what_is_not_finite_changes_nothing),
        CASE(time_that_stands_weighs_nothing),
        CASE(alpha_and_tau),
        CASE(percentiles_are_nearest_ranks),
        CASE(old_samples_leave),
        CASE(the_newest_are_kept),
        CASE(it_agrees_with_sorting),
        CASE(sizes_and_memory),
    };
    return cmocka_run_group_tests_name("scaling: smooth", cases, NULL, NULL);
}
