/* test_exposition.c - the text format: a page to the byte, every escape and number, and a strict reader that
 * first shows that it bites.
 */
/* link: -Wl,--wrap=malloc,--wrap=calloc,--wrap=realloc,--wrap=aligned_alloc,--wrap=free */
#include "scrape.h"

#include "faults.h"
#include "histogram.h"
#include "metrics_text.h"
#include "parse.h"
#include <locale.h>

static struct page *page_of(const char *text)
{
    static struct page page; /* too large for a stack */
    const char *wrong = page_parse(&page, text);
    if (wrong)
        fail_msg("%s at: %.60s\nin:\n%s", wrong, page.at, text);
    return &page;
}

/* --- the reader -------------------------------------------------------------------------------------------
 */

static void the_reader_takes_what_is_right(void **state)
{
    (void)state;
    page_of("");
    page_of("# TYPE a counter\na 1\n");
    page_of("# HELP a x \\\\ \\n y\n# TYPE a gauge\na{b=\"\\\\ \\\" \\n\",c=\"\xC3\xA9\"} "
            "-1.5e-07\na{b=\"2\"} NaN\n");
    page_of("# TYPE h histogram\nh_bucket{le=\"1\"} 2\nh_bucket{le=\"+Inf\"} 3\nh_sum -Inf\nh_count 3\n"
            "# TYPE i gauge\ni +Inf\n");
}

static void the_reader_refuses_what_is_wrong(void **state)
{
    (void)state;
    static const char *const wrong[] = {
        "a 1\n",
        "# TYPE a counter\n",
        "# TYPE a counter\na 1",
        "# TYPE a counter\na  1\n",
        "# TYPE a counter\na 1 \n",
        "# TYPE a counter\na 1 1700000000\n",
        "# TYPE a counter\na 0x10\n",
        "# TYPE a counter\na 1,5\n",
        "# TYPE a counter\na -1\n",
        "# TYPE a counter\na NaN\n",
        "# TYPE a gauge\na inf\n",
        "# TYPE a gauge\na 1\na 2\n",
        "# TYPE a gauge\nb 1\n",
        "# TYPE a gauge\nab 1\n",
        "# TYPE a thing\na 1\n",
        "# TYPE a gauge\na 1\n# TYPE b gauge\nb 1\n# TYPE a gauge\na{x=\"1\"} 1\n",
        "# HELP b x\n# TYPE a gauge\na 1\n",
        "# HELP a x\\t\n# TYPE a gauge\na 1\n",
        "# TYPE a gauge\na{} 1\n",
        "# TYPE a gauge\na{b=\"1\",} 1\n",
        "# TYPE a gauge\na{b=1} 1\n",
        "# TYPE a gauge\na{b=\"1\" } 1\n",
        "# TYPE a gauge\na{b=\"\n\"} 1\n",
        "# TYPE a gauge\na{b=\"\\t\"} 1\n",
        "# TYPE a gauge\na{c=\"1\",b=\"1\"} 1\n",
        "# TYPE a gauge\na{b=\"1\",b=\"2\"} 1\n",
        "# TYPE a gauge\na 1\n\n",
        "# TYPE h histogram\nh_bucket{le=\"1\"} 2\nh_sum 3\nh_count 2\n",
        "# TYPE h histogram\nh_bucket{le=\"1\"} 2\nh_bucket{le=\"+Inf\"} 1\nh_sum 3\nh_count 1\n",
        ("# TYPE h histogram\nh_bucket{le=\"2\"} 1\nh_bucket{le=\"1\"} 2\nh_bucket{le=\"+Inf\"} 2\n"
         "h_sum 3\nh_count 2\n"),
        "# TYPE h histogram\nh_bucket{le=\"+Inf\"} 3\nh_sum 3\nh_count 2\n",
        "# TYPE h histogram\nh_bucket{le=\"+Inf\"} 3\nh_count 3\n",
        "# TYPE h histogram\nh_bucket{le=\"+Inf\"} 3\nh_sum 3\n",
        "# TYPE h histogram\nh_bucket{le=\"+Inf\",x=\"1\"} 3\nh_sum 3\nh_count 3\n",
        "# TYPE h histogram\nh_bucket 3\nh_sum 3\nh_count 3\n",
        "# TYPE h histogram\nh_sum 3\nh_count 3\n",
        "# TYPE h histogram\nh 3\n",
    };
    static struct page page;
    for (size_t i = 0; i < COUNT(wrong); i++)
        if (!page_parse(&page, wrong[i]))
            fail_msg("taken: %s", wrong[i]);
}

/* --- the page ---------------------------------------------------------------------------------------------
 */

static const struct pool_buckets three = {.count = 3, .bounds = {0.005, 1, 2.5}};

static void a_page_to_the_byte(void **state)
{
    (void)state;
    struct pool_metrics *metrics = metrics_make(2);
    struct pool_counter *counter;
    struct pool_gauge *gauge;
    struct pool_histogram *plain, *labelled;
    assert_int_equal(
        pool_metrics_counter(metrics,
                             &(struct pool_series){.name = "jobs_total",
                                                   .help = "Jobs \\ of \"all\"\nkinds.",
                                                   .labels = {{"zone", "a\\b\"c\nd"}, {"kind", "\xC3\xA9"}}},
                             &counter),
        POOL_OK);
    assert_int_equal(pool_metrics_gauge(metrics, &(struct pool_series){.name = "level", .help = ""}, &gauge),
                     POOL_OK);
    assert_int_equal(pool_metrics_histogram(metrics, &(struct pool_series){.name = "s"}, &three, &plain),
                     POOL_OK);
    assert_int_equal(pool_metrics_histogram(metrics,
                                            &(struct pool_series){.name = "t", .labels = {{"z", "1"}}},
                                            &three, &labelled),
                     POOL_OK);
    pool_counter_add(counter, 0, UINT64_MAX);
    pool_gauge_set(gauge, 0, INT64_MIN);
    const double values[] = {0.005, 0.5, 2.5, 2.5000001, -1};
    for (unsigned i = 0; i < COUNT(values); i++)
        assert_int_equal(pool_histogram_observe(plain, i, values[i]), POOL_OK);
    char *text = scrape(metrics);
    assert_string_equal(text, "# HELP jobs_total Jobs \\\\ of \"all\"\\nkinds.\n"
                              "# TYPE jobs_total counter\n"
                              "jobs_total{kind=\"\xC3\xA9\",zone=\"a\\\\b\\\"c\\nd\"} 18446744073709551615\n"
                              "# HELP level \n"
                              "# TYPE level gauge\n"
                              "level -9223372036854775808\n"
                              "# TYPE s histogram\n"
                              "s_bucket{le=\"0.005\"} 2\n"
                              "s_bucket{le=\"1\"} 3\n"
                              "s_bucket{le=\"2.5\"} 4\n"
                              "s_bucket{le=\"+Inf\"} 5\n"
                              "s_sum 4.5050001\n"
                              "s_count 5\n"
                              "# TYPE t histogram\n"
                              "t_bucket{z=\"1\",le=\"0.005\"} 0\n"
                              "t_bucket{z=\"1\",le=\"1\"} 0\n"
                              "t_bucket{z=\"1\",le=\"2.5\"} 0\n"
                              "t_bucket{z=\"1\",le=\"+Inf\"} 0\n"
                              "t_sum{z=\"1\"} 0\n"
                              "t_count{z=\"1\"} 0\n");
    page_of(text);
    free(text);
    pool_metrics_destroy(metrics);
}

static void names_that_a_histogram_prints_are_taken(void **state)
{
    (void)state;
    static const char *const lines[] = {"h_bucket", "h_sum", "h_count"};
    struct pool_metrics *metrics = metrics_make(1);
    struct pool_counter *counter;
    struct pool_histogram *histogram;
    assert_int_equal(pool_metrics_histogram(metrics, &(struct pool_series){.name = "h"}, &three, &histogram),
                     POOL_OK);
    for (size_t i = 0; i < COUNT(lines); i++)
        assert_int_equal(pool_metrics_counter(metrics, &(struct pool_series){.name = lines[i]}, &counter),
                         POOL_INVALID);
    assert_int_equal(pool_metrics_counter(metrics, &(struct pool_series){.name = "h_sums"}, &counter),
                     POOL_OK);
    assert_int_equal(pool_metrics_counter(metrics, &(struct pool_series){.name = "g_count"}, &counter),
                     POOL_OK);
    assert_int_equal(pool_metrics_histogram(metrics, &(struct pool_series){.name = "g"}, &three, &histogram),
                     POOL_INVALID);
    assert_null(histogram);
    pool_metrics_destroy(metrics);
}

static void write_refuses_null(void **state)
{
    (void)state;
    struct pool_metrics *metrics = metrics_make(1);
    char *text = (char *)metrics;
    size_t length;
    assert_int_equal(pool_metrics_write(NULL, &text, &length), POOL_INVALID);
    assert_null(text);
    assert_int_equal(pool_metrics_write(metrics, NULL, &length), POOL_INVALID);
    assert_int_equal(pool_metrics_write(metrics, &text, NULL), POOL_INVALID);
    pool_metrics_destroy(metrics);
}

/* --- numbers ----------------------------------------------------------------------------------------------
 */

static void assert_prints(double number, const char *expected)
{
    struct pool_text text = {0};
    pool_text_double(&text, number);
    assert_string_equal(text.data, expected);
    free(text.data);
}

static void numbers_are_short_and_exact(void **state)
{
    (void)state;
    assert_prints(0, "0");
    assert_prints(-0.0, "-0");
    assert_prints(0.1, "0.1");
    assert_prints(0.1 + 0.2, "0.30000000000000004");
    assert_prints(1e-6, "1e-06");
    assert_prints(9007199254740991, "9007199254740991");
    assert_prints(1e22, "1e+22");
    assert_prints(INFINITY, "+Inf");
    assert_prints(-INFINITY, "-Inf");
    assert_prints(NAN, "NaN");
    assert_prints(-NAN, "NaN");
    uint64_t random = 7;
    for (int i = 0; i < 20000; i++) {
        uint64_t bits = test_random(&random);
        double number;
        memcpy(&number, &bits, sizeof number);
        if (!isfinite(number))
            continue;
        struct pool_text text = {0};
        pool_text_double(&text, number);
        assert_true(strtod(text.data, NULL) == number);
        free(text.data);
    }
}

/* In a locale that writes a comma the page still has a dot. Skipped where no such locale is installed. */
static void the_locale_does_not_matter(void **state)
{
    (void)state;
    static const char *const commas[] = {"de_DE.UTF-8", "fr_FR.UTF-8", "pl_PL.UTF-8", "de_DE", "ps_AF.UTF-8"};
    const char *found = NULL;
    for (size_t i = 0; i < COUNT(commas) && !found; i++)
        found = setlocale(LC_ALL, commas[i]);
    if (!found)
        skip();
    assert_prints(1234.5, "1234.5");
    assert_prints(-1.5e-300, "-1.5e-300");
    setlocale(LC_ALL, "C");
}

/* --- while others write -----------------------------------------------------------------------------------
 */

struct observer {
    struct pool_histogram *histogram;
    unsigned shard;
};

static void *observe_many(void *arg)
{
    struct observer *observer = arg;
    for (int i = 0; i < 3000; i++)
        pool_histogram_observe(observer->histogram, observer->shard, i % 4 + 0.5);
    return NULL;
}

/* Each page by itself is right, and no line ever goes down. */
static void every_page_fits_itself_while_others_write(void **state)
{
    (void)state;
    enum { OBSERVERS = 3 };
    struct pool_metrics *metrics = metrics_make(2);
    struct pool_histogram *histogram;
    struct observer observers[OBSERVERS];
    pthread_t threads[OBSERVERS];
    double count = 0, before = 0;
    assert_int_equal(pool_metrics_histogram(metrics, &(struct pool_series){.name = "h"}, &three, &histogram),
                     POOL_OK);
    for (unsigned i = 0; i < OBSERVERS; i++) {
        observers[i] = (struct observer){histogram, i};
        assert_int_equal(pthread_create(&threads[i], NULL, observe_many, &observers[i]), 0);
    }
    for (int i = 0; i < 200; i++) {
        char *text = scrape(metrics);
        assert_true(page_value(page_of(text), "h_count", &count));
        assert_true(count >= before);
        before = count;
        free(text);
    }
    for (int i = 0; i < OBSERVERS; i++)
        pthread_join(threads[i], NULL);
    char *text = scrape(metrics);
    assert_true(page_value(page_of(text), "h_bucket{le=\"1\"}", &count));
    assert_true(count == OBSERVERS * 750);
    assert_true(page_value(page_of(text), "h_sum", &count));
    assert_true(count == OBSERVERS * 6000.0);
    free(text);
    pool_metrics_destroy(metrics);
}

static void memory_runs_out_in_a_page_with_everything(void **state)
{
    (void)state;
    struct pool_metrics *metrics = metrics_make(1);
    struct pool_histogram *histogram = NULL;
    struct pool_series series = {.name = "h", .help = "x", .labels = {{"l", "v"}}};
    for (faults_begin(); faults_again();) {
        enum pool_status status = pool_metrics_histogram(metrics, &series, &pool_buckets_seconds, &histogram);
        assert_int_equal(status, faults_fired() ? POOL_NO_MEMORY : POOL_OK);
        assert_int_equal(histogram == NULL, faults_fired());
    }
    for (faults_begin(); faults_again();) {
        char *text;
        size_t length;
        enum pool_status status = pool_metrics_write(metrics, &text, &length);
        assert_int_equal(status, faults_fired() ? POOL_NO_MEMORY : POOL_OK);
        free(text);
    }
    assert_true(faults.next > 3);
    pool_metrics_destroy(metrics);
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        CASE(the_reader_takes_what_is_right),
        CASE(the_reader_refuses_what_is_wrong),
        CASE(a_page_to_the_byte),
        CASE(names_that_a_histogram_prints_are_taken),
        CASE(write_refuses_null),
        CASE(numbers_are_short_and_exact),
        CASE(the_locale_does_not_matter),
        CASE(every_page_fits_itself_while_others_write),
        CASE(memory_runs_out_in_a_page_with_everything),
    };
    return cmocka_run_group_tests_name("observability: exposition", cases, NULL, NULL);
}
