/* test_metrics.c - counters, gauges, names, the registry's edges. Sources and the text have tests of their
 * own.
 */
/* link: -Wl,--wrap=malloc,--wrap=calloc,--wrap=realloc,--wrap=aligned_alloc,--wrap=free */
#include "scrape.h"

#include "faults.h"

enum { SHARDS = 3, WRITERS = 4, ROUNDS = 5000 };

/* --- create --------------------------------------------------------------------------------------------- */

static void create_refuses_what_is_out_of_range(void **state)
{
    (void)state;
    struct pool_metrics *metrics = (struct pool_metrics *)&faults;
    assert_int_equal(pool_metrics_create(NULL, &(struct pool_metrics_options){.shards = 1}), POOL_INVALID);
    assert_int_equal(pool_metrics_create(&metrics, NULL), POOL_INVALID);
    assert_null(metrics);
    const unsigned bad[] = {0, POOL_MAX_SHARDS + 1, (unsigned)-1};
    for (size_t i = 0; i < COUNT(bad); i++)
        assert_int_equal(pool_metrics_create(&metrics, &(struct pool_metrics_options){.shards = bad[i]}),
                         POOL_INVALID);
    pool_metrics_destroy(NULL);
    pool_metrics_destroy(metrics_make(POOL_MAX_SHARDS));
}

/* --- recording ------------------------------------------------------------------------------------------ */

static void a_counter_sums_its_shards_whatever_their_number(void **state)
{
    (void)state;
    struct pool_metrics *metrics = metrics_make(SHARDS);
    struct pool_counter *counter;
    struct pool_series series = {.name = "jobs_total"};
    assert_int_equal(pool_metrics_counter(metrics, &series, &counter), POOL_OK);
    assert_int_equal(pool_counter_read(counter), 0);
    for (unsigned shard = 0; shard < 10; shard++)
        pool_counter_add(counter, shard, shard + 1);
    pool_counter_add(counter, (unsigned)-1, 100);
    assert_int_equal(pool_counter_read(counter), 155);
    pool_counter_add(counter, 0, UINT64_MAX - 154); /* it wraps to 0 */
    assert_int_equal(pool_counter_read(counter), 0);
    pool_metrics_destroy(metrics);
}

static void a_gauge_goes_both_ways_and_set_is_one_shards_part(void **state)
{
    (void)state;
    struct pool_metrics *metrics = metrics_make(SHARDS);
    struct pool_gauge *gauge;
    struct pool_series series = {.name = "level"};
    assert_int_equal(pool_metrics_gauge(metrics, &series, &gauge), POOL_OK);
    pool_gauge_add(gauge, 0, 5);
    pool_gauge_add(gauge, 1, -7);
    assert_int_equal(pool_gauge_read(gauge), -2);
    pool_gauge_set(gauge, 1, 40);
    pool_gauge_set(gauge, 1, 41);
    assert_int_equal(pool_gauge_read(gauge), 46);
    pool_gauge_set(gauge, 4, 0); /* the shards are four: this is shard 0 */
    assert_int_equal(pool_gauge_read(gauge), 41);
    pool_gauge_set(gauge, 0, INT64_MIN);
    pool_gauge_set(gauge, 1, -1); /* wraps */
    assert_true(pool_gauge_read(gauge) == INT64_MAX);
    pool_metrics_destroy(metrics);
}

static void no_handle_means_switched_off(void **state)
{
    (void)state;
    pool_counter_add(NULL, 0, 1);
    pool_gauge_add(NULL, 0, 1);
    pool_gauge_set(NULL, 0, 1);
    assert_int_equal(pool_counter_read(NULL), 0);
    assert_int_equal(pool_gauge_read(NULL), 0);
}

struct writer {
    struct pool_counter *counter;
    struct pool_gauge *gauge;
    unsigned shard;
};

static void *write_rounds(void *arg)
{
    struct writer *writer = arg;
    for (int i = 0; i < ROUNDS; i++) {
        pool_counter_add(writer->counter, writer->shard, 1);
        pool_gauge_add(writer->gauge, writer->shard, i % 2 ? -1 : 1);
    }
    return NULL;
}

/* Four writers, two shards: they share cells, and nothing is lost. A reader never sees the counter go down.
 */
static void many_writers_are_counted_right(void **state)
{
    (void)state;
    struct pool_metrics *metrics = metrics_make(2);
    struct writer writers[WRITERS];
    pthread_t threads[WRITERS];
    struct pool_counter *counter;
    struct pool_gauge *gauge;
    assert_int_equal(pool_metrics_counter(metrics, &(struct pool_series){.name = "a"}, &counter), POOL_OK);
    assert_int_equal(pool_metrics_gauge(metrics, &(struct pool_series){.name = "b"}, &gauge), POOL_OK);
    for (unsigned i = 0; i < WRITERS; i++) {
        writers[i] = (struct writer){counter, gauge, i};
        assert_int_equal(pthread_create(&threads[i], NULL, write_rounds, &writers[i]), 0);
    }
    uint64_t before = 0;
    for (int i = 0; i < 1000; i++) {
        uint64_t now = pool_counter_read(counter);
        assert_true(now >= before);
        before = now;
    }
    for (int i = 0; i < WRITERS; i++)
        pthread_join(threads[i], NULL);
    assert_int_equal(pool_counter_read(counter), WRITERS * ROUNDS);
    assert_int_equal(pool_gauge_read(gauge), 0);
    pool_metrics_destroy(metrics);
}

/* --- registering ---------------------------------------------------------------------------------------- */

static void bad_names_and_texts_are_refused(void **state)
{
    (void)state;
    static const struct pool_series bad[] = {
        {.name = NULL},
        {.name = ""},
        {.name = "7up"},
        {.name = "with-dash"},
        {.name = "with space"},
        {.name = "caf\xC3\xA9"},
        {.name = "a", .help = "\xFF"},
        {.name = "a", .labels = {{"", "x"}}},
        {.name = "a", .labels = {{"9", "x"}}},
        {.name = "a", .labels = {{"a:b", "x"}}},
        {.name = "a", .labels = {{"__mine", "x"}}},
        {.name = "a", .labels = {{"le", "x"}}},
        {.name = "a", .labels = {{"b", NULL}}},
        {.name = "a", .labels = {{"b", ""}}},
        {.name = "a", .labels = {{"b", "x"}, {"b", "y"}}},
        {.name = "a", .labels = {{"b", "\x80"}}},             /* a continuation alone */
        {.name = "a", .labels = {{"b", "\xC0\xAF"}}},         /* longer than need be */
        {.name = "a", .labels = {{"b", "\xE2\x82"}}},         /* cut off */
        {.name = "a", .labels = {{"b", "\xE0\x9F\xBF"}}},     /* longer than need be */
        {.name = "a", .labels = {{"b", "\xED\xA0\x80"}}},     /* a surrogate */
        {.name = "a", .labels = {{"b", "\xF4\x90\x80\x80"}}}, /* beyond U+10FFFF */
        {.name = "a", .labels = {{"b", "\xF0\x9F\x98"}}},     /* cut off */
    };
    struct pool_metrics *metrics = metrics_make(1);
    for (size_t i = 0; i < COUNT(bad); i++) {
        struct pool_counter *counter = (struct pool_counter *)metrics;
        assert_int_equal(pool_metrics_counter(metrics, &bad[i], &counter), POOL_INVALID);
        assert_null(counter);
    }
    assert_scrape(metrics, "");
    pool_metrics_destroy(metrics);
}

static void good_names_and_texts_are_taken(void **state)
{
    (void)state;
    static const struct pool_series good[] = {
        {.name = ":a9_:", .help = ""},
        {.name = "A", .help = "\xC3\xA9 \xE2\x82\xAC \xED\x9F\xBF \xF0\x9F\x98\x80 \xF4\x8F\xBF\xBF"},
        {.name = "b", .labels = {{"_x", "\xC3\xA9"}}},
        {.name = "c",
         .labels = {{"a", "1"},
                    {"b", "1"},
                    {"c", "1"},
                    {"d", "1"},
                    {"e", "1"},
                    {"f", "1"},
                    {"g", "1"},
                    {"h", "1"}}},
    };
    struct pool_metrics *metrics = metrics_make(1);
    for (size_t i = 0; i < COUNT(good); i++) {
        struct pool_gauge *gauge;
        assert_int_equal(pool_metrics_gauge(metrics, &good[i], &gauge), POOL_OK);
    }
    pool_metrics_destroy(metrics);
}

static void null_arguments_are_refused(void **state)
{
    (void)state;
    struct pool_metrics *metrics = metrics_make(1);
    struct pool_series series = {.name = "a"};
    struct pool_counter *counter;
    struct pool_gauge *gauge;
    assert_int_equal(pool_metrics_counter(NULL, &series, &counter), POOL_INVALID);
    assert_null(counter);
    assert_int_equal(pool_metrics_counter(metrics, NULL, &counter), POOL_INVALID);
    assert_int_equal(pool_metrics_counter(metrics, &series, NULL), POOL_INVALID);
    assert_int_equal(pool_metrics_gauge(NULL, &series, &gauge), POOL_INVALID);
    assert_null(gauge);
    assert_int_equal(pool_metrics_gauge(metrics, NULL, &gauge), POOL_INVALID);
    assert_int_equal(pool_metrics_gauge(metrics, &series, NULL), POOL_INVALID);
    assert_scrape(metrics, "");
    pool_metrics_destroy(metrics);
}

static void the_same_series_is_the_same_metric_in_any_label_order(void **state)
{
    (void)state;
    struct pool_metrics *metrics = metrics_make(1);
    struct pool_counter *one, *same, *other;
    struct pool_series series = {.name = "a", .help = "h", .labels = {{"x", "1"}, {"b", "2"}}};
    struct pool_series turned = {.name = "a", .help = "h", .labels = {{"b", "2"}, {"x", "1"}}};
    struct pool_series swapped = {.name = "a", .help = "h", .labels = {{"b", "1"}, {"x", "2"}}};
    assert_int_equal(pool_metrics_counter(metrics, &series, &one), POOL_OK);
    assert_int_equal(pool_metrics_counter(metrics, &turned, &same), POOL_OK);
    assert_int_equal(pool_metrics_counter(metrics, &swapped, &other), POOL_OK);
    assert_ptr_equal(one, same);
    assert_ptr_not_equal(one, other);
    pool_counter_add(same, 0, 3);
    assert_scrape(metrics, "# HELP a h\n# TYPE a counter\na{b=\"2\",x=\"1\"} 3\na{b=\"1\",x=\"2\"} 0\n");
    pool_metrics_destroy(metrics);
}

static void a_name_has_one_kind_one_help_and_one_set_of_labels(void **state)
{
    (void)state;
    struct pool_metrics *metrics = metrics_make(1);
    struct pool_counter *counter;
    struct pool_gauge *gauge;
    struct pool_series series = {.name = "a", .help = "h", .labels = {{"x", "1"}}};
    assert_int_equal(pool_metrics_counter(metrics, &series, &counter), POOL_OK);
    assert_int_equal(pool_metrics_gauge(metrics, &series, &gauge), POOL_INVALID);
    static const struct pool_series others[] = {
        {.name = "a", .help = "other", .labels = {{"x", "2"}}},
        {.name = "a", .labels = {{"x", "2"}}},
        {.name = "a", .help = "h"},
        {.name = "a", .help = "h", .labels = {{"y", "1"}}},
        {.name = "a", .help = "h", .labels = {{"x", "1"}, {"y", "1"}}},
    };
    for (size_t i = 0; i < COUNT(others); i++)
        assert_int_equal(pool_metrics_counter(metrics, &others[i], &counter), POOL_INVALID);
    pool_metrics_destroy(metrics);
}

static void a_name_cannot_have_more_label_sets_than_its_limit(void **state)
{
    (void)state;
    struct pool_metrics *metrics;
    struct pool_metrics_options options = {.shards = 1, .series_limit = 2};
    struct pool_counter *counter;
    assert_int_equal(pool_metrics_create(&metrics, &options), POOL_OK);
    for (int i = 0; i < 4; i++) {
        char path[] = {'/', (char)('0' + i), '\0'};
        struct pool_series series = {.name = "requests_total", .labels = {{"path", path}}};
        assert_int_equal(pool_metrics_counter(metrics, &series, &counter), i < 2 ? POOL_OK : POOL_REJECTED);
        path[0] = 'x'; /* the text was copied */
    }
    struct pool_series again = {.name = "requests_total", .labels = {{"path", "/1"}}};
    assert_int_equal(pool_metrics_counter(metrics, &again, &counter), POOL_OK);
    struct pool_series elsewhere = {.name = "other_total", .labels = {{"path", "/9"}}};
    assert_int_equal(pool_metrics_counter(metrics, &elsewhere, &counter), POOL_OK);
    pool_metrics_destroy(metrics);
}

/* --- memory --------------------------------------------------------------------------------------------- */

static void memory_runs_out_in_create(void **state)
{
    (void)state;
    struct pool_metrics *metrics = NULL;
    for (faults_begin(); faults_again();) {
        enum pool_status status = pool_metrics_create(&metrics, &(struct pool_metrics_options){.shards = 1});
        assert_int_equal(status, faults_fired() ? POOL_NO_MEMORY : POOL_OK);
        assert_int_equal(metrics == NULL, faults_fired());
    }
    assert_int_equal(faults.next, 2);
    pool_metrics_destroy(metrics);
}

/* After each failure the registry is as it was, and the next try succeeds. */
static void memory_runs_out_in_registering(void **state)
{
    (void)state;
    struct pool_series series = {.name = "a", .help = "h", .labels = {{"x", "1"}}};
    struct pool_series more = {.name = "a", .help = "h", .labels = {{"x", "2"}}};
    struct pool_counter *counter;
    struct pool_metrics *metrics = metrics_make(1);
    for (faults_begin(); faults_again();) {
        enum pool_status status = pool_metrics_counter(metrics, &series, &counter);
        assert_int_equal(status, faults_fired() ? POOL_NO_MEMORY : POOL_OK);
        if (status != POOL_OK)
            assert_scrape(metrics, "");
    }
    assert_true(faults.next > 5);
    for (faults_begin(); faults_again();) {
        enum pool_status status = pool_metrics_counter(metrics, &more, &counter);
        assert_int_equal(status, faults_fired() ? POOL_NO_MEMORY : POOL_OK);
        if (status != POOL_OK)
            assert_scrape(metrics, "# HELP a h\n# TYPE a counter\na{x=\"1\"} 0\n");
    }
    assert_true(faults.next > 2);
    pool_metrics_destroy(metrics);
}

static void memory_runs_out_in_a_scrape(void **state)
{
    (void)state;
    struct pool_metrics *metrics = metrics_make(1);
    struct pool_counter *counter;
    char help[4096] = {0}; /* long enough for the text to grow more than once */
    memset(help, 'h', sizeof help - 1);
    assert_int_equal(
        pool_metrics_counter(metrics, &(struct pool_series){.name = "a", .help = help}, &counter), POOL_OK);
    for (faults_begin(); faults_again();) {
        char *text = help;
        size_t length;
        enum pool_status status = pool_metrics_write(metrics, &text, &length);
        assert_int_equal(status, faults_fired() ? POOL_NO_MEMORY : POOL_OK);
        assert_int_equal(text == NULL, faults_fired());
        free(text);
    }
    assert_true(faults.next > 3);
    pool_metrics_destroy(metrics);
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        CASE(create_refuses_what_is_out_of_range),
        CASE(a_counter_sums_its_shards_whatever_their_number),
        CASE(a_gauge_goes_both_ways_and_set_is_one_shards_part),
        CASE(no_handle_means_switched_off),
        CASE(many_writers_are_counted_right),
        CASE(bad_names_and_texts_are_refused),
        CASE(good_names_and_texts_are_taken),
        CASE(null_arguments_are_refused),
        CASE(the_same_series_is_the_same_metric_in_any_label_order),
        CASE(a_name_has_one_kind_one_help_and_one_set_of_labels),
        CASE(a_name_cannot_have_more_label_sets_than_its_limit),
        CASE(memory_runs_out_in_create),
        CASE(memory_runs_out_in_registering),
        CASE(memory_runs_out_in_a_scrape),
    };
    return cmocka_run_group_tests_name("observability: metrics", cases, NULL, NULL);
}
