/* test_sources.c - polled sources: read once a scrape, all or nothing, slow ones, their end. */
/* link: -Wl,--wrap=malloc,--wrap=calloc,--wrap=realloc,--wrap=aligned_alloc,--wrap=free */
#include "scrape.h"

#include "faults.h"
#include "metrics_inside.h"

/* --- sources -------------------------------------------------------------------------------------------- */

struct source {
    int reads;
    double first, second;
    struct pool_metrics *metrics;
    struct pool_metrics_source *handle;
    enum pool_status inner_write, inner_unpoll;
    struct gate *gate;
};

static void read_two(void *context, double *values)
{
    struct source *source = context;
    source->reads++;
    values[0] = source->first;
    values[1] = source->second;
}

static const struct pool_polled two[] = {
    {POOL_POLLED_COUNTER, {.name = "done_total", .help = "Done."}},
    {POOL_POLLED_GAUGE, {.name = "waiting", .labels = {{"queue", "q"}}}},
};

static void a_source_is_read_once_in_each_scrape(void **state)
{
    (void)state;
    struct pool_metrics *metrics = metrics_make(1);
    struct source source = {.first = 12, .second = -0.5};
    struct pool_metrics_source *handle;
    assert_int_equal(pool_metrics_poll(metrics, two, 2, read_two, &source, &handle), POOL_OK);
    assert_int_equal(source.reads, 0);
    assert_scrape(metrics, "# HELP done_total Done.\n# TYPE done_total counter\ndone_total 12\n"
                           "# TYPE waiting gauge\nwaiting{queue=\"q\"} -0.5\n");
    assert_int_equal(source.reads, 1);
    assert_int_equal(pool_metrics_unpoll(metrics, handle), POOL_OK);
    assert_scrape(metrics, "");
    assert_int_equal(source.reads, 1);
    assert_int_equal(pool_metrics_unpoll(metrics, NULL), POOL_OK);
    assert_int_equal(pool_metrics_unpoll(NULL, NULL), POOL_INVALID);
    pool_metrics_destroy(metrics);
}

/* Families that have other series stay when a source goes, and a source is all or nothing. */
static void sources_do_not_share_series(void **state)
{
    (void)state;
    struct pool_metrics *metrics = metrics_make(1);
    struct source source = {.first = 1, .second = 2};
    struct pool_metrics_source *first, *second;
    struct pool_counter *counter;
    struct pool_gauge *gauge;
    assert_int_equal(
        pool_metrics_gauge(metrics, &(struct pool_series){.name = "waiting", .labels = {{"queue", "mine"}}},
                           &gauge),
        POOL_OK);
    assert_int_equal(pool_metrics_poll(metrics, two, 2, read_two, &source, &first), POOL_OK);
    assert_int_equal(pool_metrics_poll(metrics, two, 2, read_two, &source, &second), POOL_INVALID);
    assert_null(second);
    struct pool_polled half[] = {{POOL_POLLED_GAUGE, {.name = "new"}}, two[1]};
    assert_int_equal(pool_metrics_poll(metrics, half, 2, read_two, &source, &second), POOL_INVALID);
    struct pool_polled twice[] = {{POOL_POLLED_GAUGE, {.name = "new"}}, {POOL_POLLED_GAUGE, {.name = "new"}}};
    assert_int_equal(pool_metrics_poll(metrics, twice, 2, read_two, &source, &second), POOL_INVALID);
    assert_int_equal(pool_metrics_counter(metrics, &two[0].series, &counter), POOL_INVALID);
    struct pool_polled recorded = {POOL_POLLED_GAUGE, {.name = "waiting", .labels = {{"queue", "mine"}}}};
    assert_int_equal(pool_metrics_poll(metrics, &recorded, 1, read_two, &source, &second), POOL_INVALID);
    assert_scrape(metrics, "# TYPE waiting gauge\nwaiting{queue=\"mine\"} 0\nwaiting{queue=\"q\"} 2\n"
                           "# HELP done_total Done.\n# TYPE done_total counter\ndone_total 1\n");
    assert_int_equal(pool_metrics_unpoll(metrics, first), POOL_OK);
    assert_scrape(metrics, "# TYPE waiting gauge\nwaiting{queue=\"mine\"} 0\n");
    pool_metrics_destroy(metrics);
}

static void poll_refuses_what_is_out_of_range(void **state)
{
    (void)state;
    struct pool_metrics *metrics = metrics_make(1);
    struct pool_metrics_source *source;
    struct source context = {0};
    struct pool_polled wrong = {(enum pool_polled_kind)7, {.name = "a"}};
    assert_int_equal(pool_metrics_poll(NULL, two, 2, read_two, &context, &source), POOL_INVALID);
    assert_int_equal(pool_metrics_poll(metrics, NULL, 2, read_two, &context, &source), POOL_INVALID);
    assert_int_equal(pool_metrics_poll(metrics, two, 0, read_two, &context, &source), POOL_INVALID);
    assert_int_equal(pool_metrics_poll(metrics, two, POOL_MAX_POLLED + 1, read_two, &context, &source),
                     POOL_INVALID);
    assert_int_equal(pool_metrics_poll(metrics, two, 2, NULL, &context, &source), POOL_INVALID);
    assert_int_equal(pool_metrics_poll(metrics, two, 2, read_two, &context, NULL), POOL_INVALID);
    assert_int_equal(pool_metrics_poll(metrics, &wrong, 1, read_two, &context, &source), POOL_INVALID);
    assert_null(source);
    assert_scrape(metrics, "");
    pool_metrics_destroy(metrics);
}

static void read_and_try_what_would_deadlock(void *context, double *values)
{
    struct source *source = context;
    char *text = (char *)source;
    size_t length;
    source->inner_write = pool_metrics_write(source->metrics, &text, &length);
    source->inner_unpoll = pool_metrics_unpoll(source->metrics, source->handle);
    values[0] = text == NULL;
    values[1] = 0;
}

static void a_source_may_not_scrape_or_take_itself_out(void **state)
{
    (void)state;
    struct source source = {.metrics = metrics_make(1)};
    assert_int_equal(
        pool_metrics_poll(source.metrics, two, 1, read_and_try_what_would_deadlock, &source, &source.handle),
        POOL_OK);
    assert_scrape(source.metrics, "# HELP done_total Done.\n# TYPE done_total counter\ndone_total 1\n");
    assert_int_equal(source.inner_write, POOL_WOULD_DEADLOCK);
    assert_int_equal(source.inner_unpoll, POOL_WOULD_DEADLOCK);
    pool_metrics_destroy(source.metrics);
}

static void read_in_gate(void *context, double *values)
{
    struct source *source = context;
    gate_pass(source->gate);
    values[0] = ++source->reads;
}

static void *scrape_main(void *arg)
{
    char *text = NULL;
    size_t length;
    return pool_metrics_write(arg, &text, &length) == POOL_OK ? text : NULL;
}

struct unpoll {
    struct source *source;
    atomic_bool done;
};

static void *unpoll_main(void *arg)
{
    struct unpoll *unpoll = arg;
    pool_metrics_unpoll(unpoll->source->metrics, unpoll->source->handle);
    atomic_store(&unpoll->done, true);
    return NULL;
}

/* Look until somebody waits for BELL. */
static void await_sleeper(struct pool_metrics *metrics, const struct bell *bell)
{
    for (bool there = false; !there; sched_yield()) {
        lock_take(&metrics->lock);
        there = bell->waiting == 1 && bell_line(bell) == 1;
        lock_drop(&metrics->lock);
    }
}

/* Scrapes come one after the other; registering and recording need not wait for a source that reads slowly;
 * unpolling waits for it. */
static void a_slow_source_holds_up_only_scrapes_and_its_own_end(void **state)
{
    (void)state;
    struct gate gate;
    struct source source = {.metrics = metrics_make(1), .gate = &gate};
    pthread_t first, second, remover;
    char *text;
    gate_init(&gate);
    assert_int_equal(pool_metrics_poll(source.metrics, two, 1, read_in_gate, &source, &source.handle),
                     POOL_OK);
    assert_int_equal(pthread_create(&first, NULL, scrape_main, source.metrics), 0);
    semaphore_wait(&gate.arrived);
    assert_int_equal(pthread_create(&second, NULL, scrape_main, source.metrics), 0);
    await_sleeper(source.metrics, &source.metrics->turn);
    struct pool_counter *counter;
    struct pool_series series = {.name = "meanwhile_total"};
    assert_int_equal(pool_metrics_counter(source.metrics, &series, &counter), POOL_OK);
    pool_counter_add(counter, 0, 1);
    sem_post(&gate.open);
    semaphore_wait(&gate.arrived); /* the second scrape: not before the first was done */
    pthread_join(first, (void **)&text);
    assert_non_null(strstr(text, "\nmeanwhile_total 1\n"));
    assert_non_null(strstr(text, "\ndone_total 1\n"));
    free(text);

    struct unpoll unpoll = {.source = &source};
    assert_int_equal(pthread_create(&remover, NULL, unpoll_main, &unpoll), 0);
    await_sleeper(source.metrics, &source.metrics->left);
    assert_int_equal(pool_metrics_counter(source.metrics, &series, &counter), POOL_OK);
    assert_false(unpoll.done);
    sem_post(&gate.open);
    pthread_join(second, (void **)&text);
    assert_non_null(strstr(text, "meanwhile_total 1\n"));
    free(text);
    pthread_join(remover, NULL);
    assert_scrape(source.metrics, "# TYPE meanwhile_total counter\nmeanwhile_total 1\n");
    pool_metrics_destroy(source.metrics);
    gate_release(&gate);
}

static void memory_runs_out_in_gauges_and_sources(void **state)
{
    (void)state;
    struct source source = {.first = 1, .second = 2};
    long before = faults.blocks;
    struct pool_metrics *metrics = metrics_make(1);
    struct pool_metrics_source *handle;
    struct pool_gauge *gauge;
    for (faults_begin(); faults_again();) {
        enum pool_status status = pool_metrics_gauge(metrics, &(struct pool_series){.name = "g"}, &gauge);
        assert_int_equal(status, faults_fired() ? POOL_NO_MEMORY : POOL_OK);
    }
    for (faults_begin(); faults_again();) {
        enum pool_status status = pool_metrics_poll(metrics, two, 2, read_two, &source, &handle);
        assert_int_equal(status, faults_fired() ? POOL_NO_MEMORY : POOL_OK);
        if (status != POOL_OK)
            assert_scrape(metrics, "# TYPE g gauge\ng 0\n");
    }
    assert_true(faults.next > 8);
    pool_metrics_destroy(metrics);
    assert_int_equal(faults.blocks, before);
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        CASE(a_source_is_read_once_in_each_scrape),
        CASE(sources_do_not_share_series),
        CASE(poll_refuses_what_is_out_of_range),
        CASE(a_source_may_not_scrape_or_take_itself_out),
        CASE(a_slow_source_holds_up_only_scrapes_and_its_own_end),
        CASE(memory_runs_out_in_gauges_and_sources),
    };
    return cmocka_run_group_tests_name("observability: sources", cases, NULL, NULL);
}
