/* test_foresight.c - deciders that look ahead, and the composite with its forecasts and vetoes. */
#include "scaling_test.h"
#include "deciders.h"
#include <limits.h>

#define S POOL_SECOND

/* --- timetable ----------------------------------------------------------------------------------------- */

static const struct pool_schedule_entry day[] = {{2 * S, 10}, {5 * S, 30}, {8 * S, 20}};

static unsigned size_at(const struct pool_decider *decider, uint64_t at)
{
    struct pool_sample sample = {.at = at, .workers = 1};
    return pool_decide(decider, &sample);
}

static void a_timetable_repeats(void **state)
{
    struct pool_schedule schedule = {day, 3, 10 * S, 0, 0};
    struct pool_decider decider;
    (void)state;
    assert_int_equal(pool_schedule_decider(&schedule, &decider), POOL_OK);
    for (uint64_t base = 0; base < 50 * S; base += 10 * S) {
        assert_int_equal(size_at(&decider, base), 20); /* before the first entry yesterday's last holds */
        assert_int_equal(size_at(&decider, base + 2 * S - 1), 20);
        assert_int_equal(size_at(&decider, base + 2 * S), 10);
        assert_int_equal(size_at(&decider, base + 7 * S), 30);
        assert_int_equal(size_at(&decider, base + 9 * S), 20);
    }
    schedule.lead = 3 * S;
    assert_int_equal(size_at(&decider, 2 * S), 30);
    assert_int_equal(size_at(&decider, 9 * S), 10); /* 12 s is 2 s of the next period */
    schedule.lead = 103 * S;
    assert_int_equal(size_at(&decider, 2 * S), 30);
    schedule.lead = 0;
    schedule.origin = 25 * S;
    assert_int_equal(size_at(&decider, 27 * S), 10);
    assert_int_equal(size_at(&decider, 25 * S), 20);
    assert_int_equal(size_at(&decider, 22 * S), 30); /* before the origin too: 7 s into the period before */
    assert_int_equal(size_at(&decider, 15 * S), 20);
}

static void timetables_out_of_range(void **state)
{
    static const struct pool_schedule_entry late[] = {{10 * S, 1}}, none[] = {{0, 0}},
                                            mixed[] = {{2, 1}, {1, 1}}, twice[] = {{1, 1}, {1, 1}};
    struct pool_schedule bad[] = {{NULL, 3, 10 * S, 0, 0}, {day, 0, 10 * S, 0, 0},  {day, 3, 0, 0, 0},
                                  {late, 1, 10 * S, 0, 0}, {none, 1, 10 * S, 0, 0}, {mixed, 2, 10 * S, 0, 0},
                                  {twice, 2, 10 * S, 0, 0}};
    struct pool_schedule good = {day, 3, 10 * S, 0, 0};
    struct pool_decider decider;
    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_int_equal(pool_schedule_decider(&bad[i], &decider), POOL_INVALID);
    assert_int_equal(pool_schedule_decider(NULL, &decider), POOL_INVALID);
    assert_int_equal(pool_schedule_decider(&good, NULL), POOL_INVALID);
}

/* --- trend --------------------------------------------------------------------------------------------- */

static unsigned trend_at(const struct pool_decider *decider, double seconds, unsigned workers, double demand)
{
    struct pool_sample sample = {.at = (uint64_t)(seconds * 1e9), .workers = workers};
    sample.value[POOL_SIGNAL_DEMAND] = demand;
    return pool_decide(decider, &sample);
}

static struct pool_trend trend_of(double horizon)
{
    return (struct pool_trend){
        .used = 0.5, .horizon = (uint64_t)(horizon * 1e9), .level = S / 10, .slope = S, .trust = 1000};
}

static void a_line_is_drawn_on(void **state)
{
    struct pool_trend now = trend_of(0), ahead = trend_of(10);
    struct pool_decider decider[2];
    unsigned wanted[2] = {0};
    (void)state;
    assert_int_equal(pool_trend_decider(&now, &decider[0]), POOL_OK);
    assert_int_equal(pool_trend_decider(&ahead, &decider[1]), POOL_OK);
    for (double at = 0; at <= 30; at += 0.1)
        for (int i = 0; i < 2; i++)
            wanted[i] = trend_at(&decider[i], at, 100, 10 + 2 * at); /* two busy workers more each second */
    assert_near(wanted[0], 70 / 0.5, 2);                             /* what there is */
    assert_near(wanted[1], (70 + 2 * 10) / 0.5, 3);                  /* what there will be */
}

static void a_falling_trend_is_not_believed_in_advance(void **state)
{
    struct pool_trend ahead = trend_of(10);
    struct pool_decider decider;
    unsigned wanted = 0;
    (void)state;
    assert_int_equal(pool_trend_decider(&ahead, &decider), POOL_OK);
    for (double at = 0; at <= 20; at += 0.1)
        wanted = trend_at(&decider, at, 100, 100 - 2 * at);
    assert_near(wanted, 60 / 0.5, 2);
}

static void trust_bounds_a_trend(void **state)
{
    struct pool_trend ahead = trend_of(10);
    struct pool_decider decider;
    (void)state;
    ahead.trust = 1.5;
    assert_int_equal(pool_trend_decider(&ahead, &decider), POOL_OK);
    assert_int_equal(trend_at(&decider, 0, 20, 10), 20);
    assert_int_equal(trend_at(&decider, 1, 20, 500), 30);
    assert_int_equal(trend_at(&decider, 1, 20, 500), 30); /* no time has passed: no slope of infinity */
    assert_int_equal(trend_at(&decider, 2, 0, 500), 1);
    assert_int_equal(trend_at(&decider, 3, 20, NAN), 30);            /* left out */
    assert_int_equal(pool_trend_decider(&ahead, &decider), POOL_OK); /* cleared */
    assert_int_equal(trend_at(&decider, 0, 20, 0), 1);
}

static void trends_out_of_range(void **state)
{
    struct pool_trend good = trend_of(1);
    struct pool_decider decider;
    (void)state;
    const double bad_used[] = {0, -1, 1.1, NAN}, bad_trust[] = {0.9, NAN, INFINITY};
    for (size_t i = 0; i < 4; i++) {
        struct pool_trend it = good;
        it.used = bad_used[i];
        assert_int_equal(pool_trend_decider(&it, &decider), POOL_INVALID);
    }
    for (size_t i = 0; i < 3; i++) {
        struct pool_trend it = good;
        it.trust = bad_trust[i];
        assert_int_equal(pool_trend_decider(&it, &decider), POOL_INVALID);
    }
    assert_int_equal(pool_trend_decider(NULL, &decider), POOL_INVALID);
    assert_int_equal(pool_trend_decider(&good, NULL), POOL_INVALID);
}

/* --- composite ----------------------------------------------------------------------------------------- */

static unsigned say(void *self, const struct pool_sample *sample)
{
    (void)sample;
    return *(unsigned *)self;
}

struct parts {
    unsigned answers[2], forecast;
    struct pool_decider reactive[2], forecasts[1];
    struct pool_composite composite;
    struct pool_decider decider;
};

static const struct pool_veto errors_and_dwell[] = {{POOL_SIGNAL_ERRORS, 0.05}, {POOL_SIGNAL_DWELL, 3}};

static void parts_make(struct parts *parts)
{
    *parts = (struct parts){.answers = {1, 1}, .forecast = 1};
    for (int i = 0; i < 2; i++)
        parts->reactive[i] = (struct pool_decider){say, &parts->answers[i]};
    parts->forecasts[0] = (struct pool_decider){say, &parts->forecast};
    parts->composite = (struct pool_composite){.reactive = parts->reactive,
                                               .reactive_count = 2,
                                               .forecasts = parts->forecasts,
                                               .forecast_count = 1,
                                               .trust = 2,
                                               .vetoes = errors_and_dwell,
                                               .veto_count = 2,
                                               .cautious = 3};
    assert_int_equal(pool_composite_decider(&parts->composite, &parts->decider), POOL_OK);
}

static unsigned parts_ask(struct parts *parts, unsigned a, unsigned b, unsigned forecast,
                          const struct pool_sample *sample)
{
    parts->answers[0] = a;
    parts->answers[1] = b;
    parts->forecast = forecast;
    return pool_decide(&parts->decider, sample);
}

static void the_largest_counts_and_forecasts_are_capped(void **state)
{
    struct parts parts;
    struct pool_sample sample = {.workers = 20};
    (void)state;
    parts_make(&parts);
    sample.value[POOL_SIGNAL_DEMAND] = 12.2;
    assert_int_equal(parts_ask(&parts, 10, 30, 1, &sample), 30);
    assert_int_equal(parts_ask(&parts, 30, 10, 1, &sample), 30);
    assert_int_equal(parts_ask(&parts, 10, 5, 22, &sample), 22);
    assert_int_equal(parts_ask(&parts, 10, 5, 400, &sample), 25); /* twice the demand that is there (X87) */
    assert_int_equal(parts_ask(&parts, 40, 5, 400, &sample), 40);
    assert_int_equal(parts_ask(&parts, 0, 0, 0, &sample), 1);
    sample.value[POOL_SIGNAL_DEMAND] = 0;
    assert_int_equal(parts_ask(&parts, 2, 1, 400, &sample), 2);
    sample.value[POOL_SIGNAL_DEMAND] = NAN;
    assert_int_equal(parts_ask(&parts, 2, 1, 400, &sample), 2);
}

static void vetoes_stop_growth_and_never_shrink(void **state)
{
    struct parts parts;
    struct pool_sample sample = {.workers = 20};
    (void)state;
    parts_make(&parts);
    sample.value[POOL_SIGNAL_DEMAND] = 100;
    for (int i = 0; i < 2; i++) {
        sample.value[POOL_SIGNAL_ERRORS] = i == 0 ? 0.06 : 0;
        sample.value[POOL_SIGNAL_DWELL] = i == 1 ? 3.1 : 0;
        assert_int_equal(parts_ask(&parts, 30, 1, 40, &sample), 20);
        assert_int_equal(parts_ask(&parts, 20, 1, 1, &sample), 20);
        assert_int_equal(parts_ask(&parts, 15, 1, 1, &sample),
                         15); /* what the decider wants is its own business */
    }
    sample.value[POOL_SIGNAL_ERRORS] = 0.05; /* at the limit is not above it */
    sample.value[POOL_SIGNAL_DWELL] = 3;
    assert_int_equal(parts_ask(&parts, 30, 1, 40, &sample), 40);
}

static void a_sick_downstream_freezes_the_size(void **state)
{
    struct parts parts;
    struct pool_sample sample = {.workers = 20, .downstream = POOL_DOWNSTREAM_SICK};
    (void)state;
    parts_make(&parts);
    sample.value[POOL_SIGNAL_DEMAND] = 100;
    assert_int_equal(parts_ask(&parts, 30, 1, 40, &sample), 20);
    assert_int_equal(parts_ask(&parts, 5, 1, 1, &sample), 20);
    sample.downstream = POOL_DOWNSTREAM_TRYING;
    assert_int_equal(parts_ask(&parts, 30, 1, 40, &sample), 23); /* cautious */
    assert_int_equal(parts_ask(&parts, 22, 1, 1, &sample), 22);
    assert_int_equal(parts_ask(&parts, 5, 1, 1, &sample), 20);
    sample.value[POOL_SIGNAL_ERRORS] = 1;
    assert_int_equal(parts_ask(&parts, 30, 1, 40, &sample), 20); /* both count */
    sample.workers = UINT_MAX;
    sample.value[POOL_SIGNAL_ERRORS] = 0;
    assert_true(parts_ask(&parts, UINT_MAX, 1, 1, &sample) == UINT_MAX);
    sample.downstream = (enum pool_downstream)77; /* nothing known: as if well */
    sample.workers = 0;
    assert_int_equal(parts_ask(&parts, 5, 1, 1, &sample), 5);
    sample.downstream = POOL_DOWNSTREAM_SICK;
    assert_int_equal(parts_ask(&parts, 5, 1, 1, &sample), 1);
}

static void composites_out_of_range(void **state)
{
    static const struct pool_veto no_signal[] = {{POOL_SIGNALS, 1}}, no_limit[] = {{POOL_SIGNAL_DWELL, NAN}};
    static const struct pool_decider nobody[] = {{NULL, NULL}};
    struct parts parts;
    (void)state;
    parts_make(&parts);
    const struct pool_composite good = parts.composite;
    struct pool_composite bad[9] = {good, good, good, good, good, good, good, good, good};
    bad[0].reactive_count = 0;
    bad[1].reactive = NULL;
    bad[2].forecasts = NULL;
    bad[3].trust = 0.5;
    bad[4].vetoes = NULL;
    bad[5].vetoes = no_signal;
    bad[5].veto_count = 1;
    bad[6].vetoes = no_limit;
    bad[6].veto_count = 1;
    bad[7].reactive = nobody;
    bad[7].reactive_count = 1;
    bad[8].trust = NAN;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_int_equal(pool_composite_decider(&bad[i], &parts.decider), POOL_INVALID);
    assert_int_equal(pool_composite_decider(NULL, &parts.decider), POOL_INVALID);
    assert_int_equal(pool_composite_decider(&parts.composite, NULL), POOL_INVALID);
    struct pool_composite least = {.reactive = parts.reactive, .reactive_count = 1};
    assert_int_equal(pool_composite_decider(&least, &parts.decider), POOL_OK); /* trust is for forecasts */
    struct pool_sample sample = {.workers = 20};
    parts.answers[0] = 30;
    assert_int_equal(pool_decide(&parts.decider, &sample), 30);
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        CASE(a_timetable_repeats),
        CASE(timetables_out_of_range),
        CASE(a_line_is_drawn_on),
        CASE(a_falling_trend_is_not_believed_in_advance),
        CASE(trust_bounds_a_trend),
        CASE(trends_out_of_range),
        CASE(the_largest_counts_and_forecasts_are_capped),
        CASE(vetoes_stop_growth_and_never_shrink),
        CASE(a_sick_downstream_freezes_the_size),
        CASE(composites_out_of_range),
    };
    return cmocka_run_group_tests_name("scaling: foresight and composites", cases, NULL, NULL);
}
