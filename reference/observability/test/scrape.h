/* scrape.h - a registry and what a scrape of it says, for the tests of this room. */
#ifndef DEEPEND_SCRAPE_H
#define DEEPEND_SCRAPE_H

#include "watch_test.h"

#include "exposition.h"

static inline struct pool_metrics *metrics_make(unsigned shards)
{
    struct pool_metrics *metrics;
    assert_int_equal(pool_metrics_create(&metrics, &(struct pool_metrics_options){.shards = shards}),
                     POOL_OK);
    return metrics;
}

/* What a scrape of METRICS says; freed by the caller. */
static inline char *scrape(struct pool_metrics *metrics)
{
    char *text;
    size_t length;
    assert_int_equal(pool_metrics_write(metrics, &text, &length), POOL_OK);
    assert_int_equal(strlen(text), length);
    return text;
}

static inline void assert_scrape(struct pool_metrics *metrics, const char *expected)
{
    char *text = scrape(metrics);
    assert_string_equal(text, expected);
    free(text);
}

#endif
