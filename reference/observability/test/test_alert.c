/* test_alert.c - the rules of the field on recorded series, each just below and just above its limit. */
#include "watch_test.h"

#include "alert.h"
#include <math.h>

enum { MOST = 4000, ROOM = 8 };

#define SECONDS(n) ((uint64_t)(n)*POOL_SECOND)

/* A recorded series: a sample every STEP seconds from the last one on. */
struct record {
    struct pool_alert_sample samples[MOST];
    size_t count;
    uint64_t now; /* seconds */
};

static void record(struct record *record, unsigned count, uint64_t step, double first, double rise)
{
    for (unsigned i = 0; i < count; i++) {
        assert_true(record->count < MOST);
        record->now += step;
        record->samples[record->count++] = (struct pool_alert_sample){SECONDS(record->now), first + rise * i};
    }
}

static size_t evaluate(const struct pool_alert_rule *rule, const struct record *record,
                       struct pool_alert_span *spans)
{
    size_t count;
    assert_int_equal(pool_alert_evaluate(rule, record->samples, record->count, spans, ROOM, &count), POOL_OK);
    return count;
}

static struct pool_alert_rule rule_of(enum pool_alert_kind kind, double limit)
{
    struct pool_alert_rule rule;
    assert_int_equal(pool_alert_rule(&rule, kind, limit), POOL_OK);
    return rule;
}

static void assert_span(const struct pool_alert_span *span, uint64_t pending, uint64_t firing,
                        uint64_t resolved)
{
    assert_int_equal(span->pending, SECONDS(pending));
    assert_int_equal(span->firing, SECONDS(firing));
    assert_int_equal(span->resolved, resolved == POOL_ALERT_NEVER ? resolved : SECONDS(resolved));
}

/* --- the rules --------------------------------------------------------------------------------------------
 */

static void rules_that_need_a_limit_ask_for_it(void **state)
{
    (void)state;
    struct pool_alert_rule rule;
    for (int kind = 0; kind < POOL_ALERT_KINDS; kind++) {
        bool yours = kind == POOL_ALERT_AT_CEILING || kind == POOL_ALERT_WAIT;
        assert_int_equal(pool_alert_rule(&rule, (enum pool_alert_kind)kind, NAN),
                         yours ? POOL_INVALID : POOL_OK);
        assert_int_equal(pool_alert_rule(&rule, (enum pool_alert_kind)kind, 7), POOL_OK);
        assert_true(rule.limit == 7);
        assert_non_null(rule.name);
    }
    assert_int_equal(pool_alert_rule(&rule, POOL_ALERT_KINDS, 1), POOL_INVALID);
    assert_int_equal(pool_alert_rule(&rule, (enum pool_alert_kind) - 1, 1), POOL_INVALID);
    assert_int_equal(pool_alert_rule(NULL, POOL_ALERT_DROPS, 1), POOL_INVALID);
}

static void stuck_at_the_ceiling(void **state)
{
    (void)state;
    struct record series = {0};
    struct pool_alert_span span;
    struct pool_alert_rule rule = rule_of(POOL_ALERT_AT_CEILING, 64);
    record(&series, 1, 15, 63, 0);  /* 15 */
    record(&series, 20, 15, 64, 0); /* 30 to 315: 285 s */
    record(&series, 1, 15, 63, 0);  /* 330 */
    assert_int_equal(evaluate(&rule, &series, &span), 0);
    record(&series, 22, 15, 64, 0); /* 345 to 660: 315 s */
    assert_int_equal(evaluate(&rule, &series, &span), 1);
    assert_span(&span, 345, 645, POOL_ALERT_NEVER);
    record(&series, 1, 15, 63, 0); /* 675 */
    assert_int_equal(evaluate(&rule, &series, &span), 1);
    assert_span(&span, 345, 645, 675);
}

/* A resize every two seconds is thirty a minute: not more. One in between is. */
static void flapping(void **state)
{
    (void)state;
    struct record series = {0};
    struct pool_alert_span span;
    struct pool_alert_rule rule = rule_of(POOL_ALERT_FLAPPING, NAN);
    record(&series, 120, 1, 0, 0.5);
    assert_int_equal(evaluate(&rule, &series, &span), 0);
    record(&series, 1, 1, 62, 0);
    record(&series, 120, 1, 62, 0.5);
    assert_int_equal(evaluate(&rule, &series, &span), 1);
    assert_span(&span, 121, 121, 180); /* the step leaves the window, which is open at its old end */
}

static void any_drop_at_all(void **state)
{
    (void)state;
    struct record series = {0};
    struct pool_alert_span spans[ROOM];
    struct pool_alert_rule rule = rule_of(POOL_ALERT_DROPS, NAN);
    record(&series, 10, 15, 5, 0); /* 15 to 150; 5 were dropped long ago */
    assert_int_equal(evaluate(&rule, &series, spans), 0);
    record(&series, 10, 15, 6, 0); /* 165 to 300 */
    assert_int_equal(evaluate(&rule, &series, spans), 1);
    assert_span(&spans[0], 165, 165, 210);
    record(&series, 1, 15, 0, 0); /* 315: restarted, none dropped since */
    record(&series, 9, 15, 1, 0); /* 330 */
    assert_int_equal(evaluate(&rule, &series, spans), 2);
    assert_span(&spans[1], 330, 330, 375);
}

static void wait_beyond_the_slo(void **state)
{
    (void)state;
    struct record series = {0};
    struct pool_alert_span span;
    struct pool_alert_rule rule = rule_of(POOL_ALERT_WAIT, 0.2);
    record(&series, 5, 15, 0.2, 0);
    assert_int_equal(evaluate(&rule, &series, &span), 0);
    record(&series, 1, 15, 0.201, 0);
    assert_int_equal(evaluate(&rule, &series, &span), 1);
    assert_span(&span, 90, 90, POOL_ALERT_NEVER);
}

static void threads_above_twice_the_plateau(void **state)
{
    (void)state;
    struct record series = {0};
    struct pool_alert_span span;
    struct pool_alert_rule rule = rule_of(POOL_ALERT_THREADS, NAN);
    record(&series, 30, 15, 10000, 0);
    assert_int_equal(evaluate(&rule, &series, &span), 0);
    record(&series, 21, 15, 10001, 0); /* 465 to 765 */
    assert_int_equal(evaluate(&rule, &series, &span), 1);
    assert_span(&span, 465, 765, POOL_ALERT_NEVER);
}

static void growth_of_more_than_a_hundred_a_second(void **state)
{
    (void)state;
    struct record series = {0};
    struct pool_alert_span span;
    struct pool_alert_rule rule = rule_of(POOL_ALERT_GROWTH, NAN);
    record(&series, 60, 10, 0, 1000); /* 100/s */
    assert_int_equal(evaluate(&rule, &series, &span), 0);
    record(&series, 60, 10, 60010,
           1010); /* from 610: 101/s; the window is above at once, for it holds its step */
    assert_int_equal(evaluate(&rule, &series, &span), 1);
    assert_span(&span, 610, 910, POOL_ALERT_NEVER);
}

static void fanout_sustained(void **state)
{
    (void)state;
    struct record series = {0};
    struct pool_alert_span span;
    struct pool_alert_rule rule = rule_of(POOL_ALERT_FANOUT, NAN);
    record(&series, 10, 15, 5000, 0); /* 15 to 150 */
    record(&series, 1, 15, 1000, 0);
    assert_int_equal(evaluate(&rule, &series, &span), 0);
    record(&series, 21, 15, 1001, 0); /* 180 */
    assert_int_equal(evaluate(&rule, &series, &span), 1);
    assert_span(&span, 180, 480, POOL_ALERT_NEVER);
}

/* --- edges ------------------------------------------------------------------------------------------------
 */

static void a_hole_ends_what_fires(void **state)
{
    (void)state;
    struct record series = {0};
    struct pool_alert_span spans[ROOM];
    struct pool_alert_rule rule = {.name = "x", .limit = 1, .hold = SECONDS(10), .stale = SECONDS(60)};
    record(&series, 3, 10, 2, 0);  /* 10 to 30: fires at 20 */
    record(&series, 1, 60, 2, 0);  /* 90: not yet a hole */
    record(&series, 1, 61, 2, 0);  /* 151: a hole */
    record(&series, 1, 9, 2, 0);   /* 160: pending again */
    record(&series, 1, 1, 2, 0);   /* 161: fires */
    record(&series, 1, 1, NAN, 0); /* 162: resolved */
    assert_int_equal(evaluate(&rule, &series, spans), 2);
    assert_span(&spans[0], 10, 20, 150);
    assert_span(&spans[1], 151, 161, 162);
    rule.stale = 0; /* five minutes */
    assert_int_equal(evaluate(&rule, &series, spans), 1);
    assert_span(&spans[0], 10, 20, 162);
    record(&series, 1, 300, 2, 0); /* 462 */
    record(&series, 1, 300, 2, 0); /* 762: no hole */
    record(&series, 1, 301, 2, 0); /* a hole; never fires again */
    assert_int_equal(evaluate(&rule, &series, spans), 2);
    assert_span(&spans[1], 462, 762, 1062);
}

static void one_sample_makes_no_slope_and_no_increase(void **state)
{
    (void)state;
    struct record series = {0};
    struct pool_alert_span span;
    struct pool_alert_rule slope = {.measure = POOL_ALERT_SLOPE, .limit = -1e9, .window = SECONDS(10)};
    struct pool_alert_rule increase = {.measure = POOL_ALERT_INCREASE, .limit = -1e9, .window = SECONDS(10)};
    record(&series, 5, 10, 1, 1); /* each window holds one */
    assert_int_equal(evaluate(&slope, &series, &span), 0);
    assert_int_equal(evaluate(&increase, &series, &span), 0);
    slope.window = increase.window = SECONDS(10) + 1; /* now two */
    assert_int_equal(evaluate(&slope, &series, &span), 1);
    assert_span(&span, 20, 20, POOL_ALERT_NEVER);
    assert_int_equal(evaluate(&increase, &series, &span), 1);
    increase.limit = 1;
    assert_int_equal(evaluate(&increase, &series, &span), 0);
    increase.compare = POOL_ALERT_AT_LEAST;
    assert_int_equal(evaluate(&increase, &series, &span), 1);
    series.samples[2].value = NAN;
    series.count = 4;
    assert_int_equal(evaluate(&increase, &series, &span), 1);
    assert_span(&span, 20, 20, 30);
}

static void more_spans_than_room_are_counted(void **state)
{
    (void)state;
    struct record series = {0};
    struct pool_alert_span spans[ROOM] = {{0}};
    struct pool_alert_rule rule = {.limit = 1};
    size_t count;
    for (int i = 0; i < 5; i++)
        record(&series, 2, 1, 1, 1);
    assert_int_equal(pool_alert_evaluate(&rule, series.samples, series.count, spans, 2, &count), POOL_OK);
    assert_int_equal(count, 5);
    assert_span(&spans[1], 4, 4, 5);
    assert_int_equal(spans[2].pending, 0);
    assert_int_equal(pool_alert_evaluate(&rule, series.samples, series.count, NULL, 0, &count), POOL_OK);
    assert_int_equal(count, 5);
    assert_int_equal(pool_alert_evaluate(&rule, NULL, 0, NULL, 0, &count), POOL_OK);
    assert_int_equal(count, 0);
}

static void what_makes_no_sense_is_refused(void **state)
{
    (void)state;
    struct pool_alert_rule good = {.limit = 1};
    struct pool_alert_sample ascending[] = {{1, 0}, {2, 0}}, same[] = {{1, 0}, {1, 0}},
                             back[] = {{2, 0}, {1, 0}};
    struct pool_alert_span span;
    size_t count = 77;
    assert_int_equal(pool_alert_evaluate(NULL, ascending, 2, &span, 1, &count), POOL_INVALID);
    assert_int_equal(pool_alert_evaluate(&good, NULL, 2, &span, 1, &count), POOL_INVALID);
    assert_int_equal(pool_alert_evaluate(&good, ascending, 2, NULL, 1, &count), POOL_INVALID);
    assert_int_equal(pool_alert_evaluate(&good, ascending, 2, &span, 1, NULL), POOL_INVALID);
    assert_int_equal(pool_alert_evaluate(&good, same, 2, &span, 1, &count), POOL_INVALID);
    assert_int_equal(pool_alert_evaluate(&good, back, 2, &span, 1, &count), POOL_INVALID);
    const struct pool_alert_rule bad[] = {
        {.limit = NAN},
        {.limit = 1, .measure = (enum pool_alert_measure)3},
        {.limit = 1, .compare = (enum pool_alert_compare)2},
        {.limit = 1, .measure = POOL_ALERT_SLOPE},
        {.limit = 1, .measure = POOL_ALERT_INCREASE},
    };
    for (size_t i = 0; i < COUNT(bad); i++)
        assert_int_equal(pool_alert_evaluate(&bad[i], ascending, 2, &span, 1, &count), POOL_INVALID);
    assert_int_equal(count, 77);
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        CASE(rules_that_need_a_limit_ask_for_it),
        CASE(stuck_at_the_ceiling),
        CASE(flapping),
        CASE(any_drop_at_all),
        CASE(wait_beyond_the_slo),
        CASE(threads_above_twice_the_plateau),
        CASE(growth_of_more_than_a_hundred_a_second),
        CASE(fanout_sustained),
        CASE(a_hole_ends_what_fires),
        CASE(one_sample_makes_no_slope_and_no_increase),
        CASE(more_spans_than_room_are_counted),
        CASE(what_makes_no_sense_is_refused),
    };
    return cmocka_run_group_tests_name("observability: alert", cases, NULL, NULL);
}
