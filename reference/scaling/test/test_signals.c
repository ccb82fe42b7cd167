/* test_signals.c - the collector: windows, gauges, dwell buckets, counters that wrap, several threads, no
 * memory. */
/* link: -Wl,--wrap=calloc */
#include "scaling_test.h"
#include "signals.h"
#include <pthread.h>

/* The wrapper has no argument for this, so it has to be global. */
static int refuse_memory;

void *__real_calloc(size_t count, size_t size);
void *__wrap_calloc(size_t count, size_t size)
{
    return refuse_memory ? NULL : __real_calloc(count, size);
}

static struct hand_clock hand;

static struct pool_collector *collector_make(unsigned slices, double share, unsigned capacity)
{
    struct pool_collector *collector;
    hand_clock_init(&hand);
    struct pool_collector_options options = {slices, share, capacity, &hand.clock};
    assert_int_equal(pool_collector_create(&collector, &options), POOL_OK);
    return collector;
}

static struct pool_sample look(struct pool_collector *collector, unsigned queued, unsigned running,
                               unsigned workers)
{
    struct pool_sample sample;
    hand_clock_turn(&hand, 100 * POOL_MILLISECOND);
    struct pool_gauges gauges = {queued, running, workers};
    assert_int_equal(pool_collector_sample(collector, &gauges, &sample), POOL_OK);
    return sample;
}

static void gauges_are_averaged_over_the_window(void **state)
{
    struct pool_collector *collector = collector_make(2, 0.99, 20);
    (void)state;
    struct pool_sample sample = look(collector, 10, 3, 4);
    assert_near(sample.value[POOL_SIGNAL_DEPTH], 10, 0);
    assert_near(sample.value[POOL_SIGNAL_FILL], 0.5, 0);
    assert_near(sample.value[POOL_SIGNAL_UTILISATION], 0.75, 0);
    assert_near(sample.value[POOL_SIGNAL_DEMAND], 13, 0);
    assert_near(sample.value[POOL_SIGNAL_PRESSURE], 3.25, 0);
    assert_int_equal(sample.workers, 4);
    assert_int_equal(sample.downstream, POOL_DOWNSTREAM_WELL);
    assert_true(sample.at == pool_clock_now(&hand.clock));
    sample = look(collector, 0, 1, 4);
    assert_near(sample.value[POOL_SIGNAL_DEPTH], 5, 0);
    assert_near(sample.value[POOL_SIGNAL_UTILISATION], 0.5, 0);
    sample = look(collector, 0, 1, 4);
    assert_near(sample.value[POOL_SIGNAL_DEPTH], 0, 0); /* the first has left the window */
    assert_near(sample.value[POOL_SIGNAL_UTILISATION], 0.25, 0);
    sample = look(collector, 99, 9, 2); /* a queue above its capacity, more running than there are: clamped */
    sample = look(collector, 99, 9, 2);
    assert_near(sample.value[POOL_SIGNAL_FILL], 1, 0);
    assert_near(sample.value[POOL_SIGNAL_UTILISATION], 1, 0);
    pool_collector_destroy(collector);
}

static void nobody_and_nothing(void **state)
{
    struct pool_collector *collector = collector_make(1, 0.99, 0);
    (void)state;
    struct pool_sample sample = look(collector, 7, 0, 0);
    assert_near(sample.value[POOL_SIGNAL_UTILISATION], 0, 0);
    assert_near(sample.value[POOL_SIGNAL_PRESSURE], 0, 0);
    assert_near(sample.value[POOL_SIGNAL_FILL], 0, 0); /* unbounded */
    assert_near(sample.value[POOL_SIGNAL_DWELL], 0, 0);
    assert_near(sample.value[POOL_SIGNAL_ERRORS], 0, 0);
    assert_near(sample.value[POOL_SIGNAL_RATE], 0, 0);
    struct pool_gauges gauges = {0, 0, 1};
    pool_collector_task(collector, 5, POOL_TASK_GOOD); /* and the clock stands */
    assert_int_equal(pool_collector_sample(collector, &gauges, &sample), POOL_OK);
    assert_near(sample.value[POOL_SIGNAL_RATE], 0, 0);
    pool_collector_destroy(collector);
}

static void rates_and_errors_are_those_of_the_window(void **state)
{
    struct pool_collector *collector = collector_make(2, 0.5, 0);
    (void)state;
    for (int i = 0; i < 30; i++)
        pool_collector_task(collector, 1000, i % 3 ? POOL_TASK_GOOD : POOL_TASK_BAD);
    struct pool_sample sample = look(collector, 0, 1, 1);
    assert_near(sample.value[POOL_SIGNAL_RATE], 300, 1e-9);
    assert_near(sample.value[POOL_SIGNAL_ERRORS], 1.0 / 3, 1e-12);
    for (int i = 0; i < 30; i++)
        pool_collector_task(collector, 1000, POOL_TASK_GOOD);
    sample = look(collector, 0, 1, 1);
    assert_near(sample.value[POOL_SIGNAL_RATE], 300, 1e-9);
    assert_near(sample.value[POOL_SIGNAL_ERRORS], 1.0 / 6, 1e-12);
    sample = look(collector, 0, 1, 1);
    assert_near(sample.value[POOL_SIGNAL_RATE], 150, 1e-9);
    assert_near(sample.value[POOL_SIGNAL_ERRORS], 0, 0);
    sample = look(collector, 0, 1, 1);
    assert_near(sample.value[POOL_SIGNAL_RATE], 0, 0);
    pool_collector_destroy(collector);
}

static void dwell_is_told_at_most_an_eighth_too_high(void **state)
{
    struct pool_collector *collector = collector_make(1, 1, 0);
    uint64_t random = 11;
    (void)state;
    for (int i = 0; i < 3000; i++) {
        uint64_t dwell = random_next(&random) >> (random_next(&random) % 64);
        pool_collector_task(collector, dwell, POOL_TASK_GOOD);
        double told = look(collector, 0, 0, 1).value[POOL_SIGNAL_DWELL] * 1e9;
        assert_true(told >= (double)dwell * (1 - 1e-12) - 1e-9);
        assert_true(told <= (double)dwell * 1.125 + 1e-6);
    }
    pool_collector_task(collector, UINT64_MAX, POOL_TASK_GOOD);
    assert_near(look(collector, 0, 0, 1).value[POOL_SIGNAL_DWELL], 0x1p64 * 1e-9, 1);
    pool_collector_destroy(collector);
}

static void dwell_is_a_percentile(void **state)
{
    struct pool_collector *collector = collector_make(1, 0.9, 0);
    (void)state;
    for (int i = 0; i < 100; i++)
        pool_collector_task(collector, i < 90 ? 4 : 7, POOL_TASK_GOOD);
    assert_near(look(collector, 0, 0, 1).value[POOL_SIGNAL_DWELL], 4e-9, 1e-15);
    for (int i = 0; i < 100; i++)
        pool_collector_task(collector, i < 89 ? 4 : 7, POOL_TASK_GOOD);
    assert_near(look(collector, 0, 0, 1).value[POOL_SIGNAL_DWELL], 7e-9, 1e-15);
    pool_collector_destroy(collector);
    collector = collector_make(1, 0, 0); /* share 0: the shortest */
    pool_collector_task(collector, 3, POOL_TASK_GOOD);
    pool_collector_task(collector, 6, POOL_TASK_GOOD);
    assert_near(look(collector, 0, 0, 1).value[POOL_SIGNAL_DWELL], 3e-9, 1e-15);
    pool_collector_destroy(collector);
}

static void options_are_looked_at(void **state)
{
    static const struct pool_collector_options bad[] = {
        {.slices = 0, .share = 0.5}, {.slices = POOL_COLLECTOR_MOST_SLICES + 1, .share = 0.5},
        {.slices = 1, .share = 1.5}, {.slices = 1, .share = -1},
        {.slices = 1, .share = NAN},
    };
    struct pool_collector *collector = (struct pool_collector *)&hand;
    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_int_equal(pool_collector_create(&collector, &bad[i]), POOL_INVALID);
    assert_null(collector);
    assert_int_equal(pool_collector_create(&collector, NULL), POOL_INVALID);
    assert_int_equal(pool_collector_create(NULL, &bad[0]), POOL_INVALID);
    struct pool_collector_options good = {.slices = POOL_COLLECTOR_MOST_SLICES, .share = 0.99};
    refuse_memory = 1;
    assert_int_equal(pool_collector_create(&collector, &good), POOL_NO_MEMORY);
    refuse_memory = 0;
    assert_null(collector);
    assert_int_equal(pool_collector_create(&collector, &good), POOL_OK); /* with the system's clock */
    struct pool_sample sample;
    struct pool_gauges gauges = {0, 0, 1};
    for (int i = 0; i < 2 * POOL_COLLECTOR_MOST_SLICES; i++)
        assert_int_equal(pool_collector_sample(collector, &gauges, &sample), POOL_OK);
    assert_int_equal(pool_collector_sample(collector, NULL, &sample), POOL_INVALID);
    assert_int_equal(pool_collector_sample(collector, &gauges, NULL), POOL_INVALID);
    assert_int_equal(pool_collector_sample(NULL, &gauges, &sample), POOL_INVALID);
    pool_collector_destroy(collector);
    pool_collector_destroy(NULL);
}

enum { THREADS = 3, TASKS = 20000 };

static void *count_tasks(void *collector)
{
    for (int i = 0; i < TASKS; i++)
        pool_collector_task(collector, (uint64_t)i, i % 4 ? POOL_TASK_GOOD : POOL_TASK_BAD);
    return NULL;
}

static void nothing_is_lost_between_threads_and_samples(void **state)
{
    struct pool_collector *collector = collector_make(1, 0.5, 0);
    pthread_t threads[THREADS];
    double tasks = 0;
    (void)state;
    for (int i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, count_tasks, collector), 0);
    for (int i = 0; i < 200; i++) {
        struct pool_sample sample = look(collector, 0, 0, 1);
        tasks += sample.value[POOL_SIGNAL_RATE] * 0.1;
        assert_true(sample.value[POOL_SIGNAL_ERRORS] >= 0 && sample.value[POOL_SIGNAL_ERRORS] <= 1);
    }
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    tasks += look(collector, 0, 0, 1).value[POOL_SIGNAL_RATE] * 0.1;
    assert_near(tasks, THREADS * TASKS, 1e-3);
    pool_collector_destroy(collector);
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        CASE(gauges_are_averaged_over_the_window),
        CASE(nobody_and_nothing),
        CASE(rates_and_errors_are_those_of_the_window),
        CASE(dwell_is_told_at_most_an_eighth_too_high),
        CASE(dwell_is_a_percentile),
        CASE(options_are_looked_at),
        CASE(nothing_is_lost_between_threads_and_samples),
    };
    return cmocka_run_group_tests_name("scaling: signals", cases, NULL, NULL);
}
