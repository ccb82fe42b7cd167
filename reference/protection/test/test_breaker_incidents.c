/* test_breaker_incidents.c - a wandering error rate (I45) and an outage of 30 s (I32), in virtual time. */
#include "breaker.h"
#include "../chance.h"
#include "protection_test.h"

/* 10 s, 4 calls, half of them; 5 s open, 60 s at most; 2 probes that have 3 s; calm after 30 s. */
static struct pool_breaker_options usual(struct test_clock *time)
{
    test_clock_init(time);
    return (struct pool_breaker_options){.window = 10 * POOL_SECOND,
                                         .volume = 4,
                                         .percent = 50,
                                         .open_least = 5 * POOL_SECOND,
                                         .open_most = 60 * POOL_SECOND,
                                         .probes = 2,
                                         .calm = 30 * POOL_SECOND,
                                         .probe_limit = 3 * POOL_SECOND,
                                         .clock = &time->clock};
}

/* --- I45: the error rate wanders around the trip point ------------------------------------------------- */

struct flapping {
    unsigned long long all, worst_later; /* transitions: in ten minutes; in the worst minute but the first */
};

/* Ten minutes, 50 calls a second, of which 40 to 60 % fail, a little more or less from call to call. */
static struct flapping flap(const struct pool_breaker_options *options, struct test_clock *time)
{
    struct pool_breaker *breaker;
    struct flapping seen = {0};
    uint64_t chance = 45, permille = 500;
    assert_status(pool_breaker_create(&breaker, options), POOL_OK);
    for (int minute = 0; minute < 10; minute++) {
        for (int i = 0; i < 60 * 50; i++, pass_time(time, 20 * MS)) {
            struct pool_breaker_pass pass;
            permille += pool_chance_up_to(&chance, 10) - 5;
            permille = permille < 400 ? 400 : permille > 600 ? 600 : permille;
            bool failed = pool_chance_up_to(&chance, 999) < permille;
            if (pool_breaker_enter(breaker, &pass) == POOL_OK)
                (void)pool_breaker_leave(breaker, &pass, failed ? POOL_CALL_FAILED : POOL_CALL_GOOD);
        }
        unsigned long long before = seen.all;
        seen.all = pool_breaker_view(breaker).transitions;
        if (minute > 0 && seen.all - before > seen.worst_later)
            seen.worst_later = seen.all - before;
    }
    pool_breaker_destroy(breaker);
    return seen;
}

static void a_wandering_error_rate_does_not_make_it_flap(void **state)
{
    (void)state;
    struct test_clock time;
    struct pool_breaker_options options = usual(&time);
    options.volume = 20;
    options.probes = 5;
    options.open_most = 600 * POOL_SECOND;
    options.calm = 120 * POOL_SECOND;
    struct flapping seen = flap(&options, &time);
    assert_in_range(seen.all, 2, 40); /* 4 a minute */
    assert_in_range(seen.worst_later, 0, 4);
}

static void a_hasty_breaker_does(void **state)
{
    (void)state;
    struct test_clock time;
    struct pool_breaker_options options = usual(&time);
    options.window = POOL_SECOND;
    options.volume = options.probes = options.growth = 1;
    options.open_least = options.open_most = POOL_SECOND;
    struct flapping seen = flap(&options, &time);
    assert_true(seen.all > 600); /* more than one a second */
}

/* --- I32: the other side is away for 30 s ----------------------------------------------------------------
 */

static void an_outage_costs_few_calls_and_ends_soon_after_it(void **state)
{
    (void)state;
    struct test_clock time;
    struct pool_breaker *breaker;
    struct pool_breaker_options options = usual(&time);
    options.growth = 1; /* an outage is no flapping: ask again each 5 s */
    assert_status(pool_breaker_create(&breaker, &options), POOL_OK);
    int hurt = 0, normal_since = -1;
    for (int tick = 0; tick < 6000; tick++, pass_time(&time, 10 * MS)) {
        struct pool_breaker_pass pass;
        bool away = tick >= 1000 && tick < 4000;
        if (pool_breaker_enter(breaker, &pass) != POOL_OK)
            continue;
        (void)pool_breaker_leave(breaker, &pass, away ? POOL_CALL_FAILED : POOL_CALL_GOOD);
        hurt += away;
        if (tick >= 4000 && normal_since < 0)
            normal_since = tick;
    }
    assert_in_range(normal_since - 4000, 0, 500); /* 5 s after the return */
    assert_in_range(hurt, 500, 1000 + 5);         /* until half of the window had failed, then probes */
    assert_int_equal(pool_breaker_view(breaker).state, POOL_BREAKER_CLOSED);
    pool_breaker_destroy(breaker);
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        CASE(a_wandering_error_rate_does_not_make_it_flap),
        CASE(a_hasty_breaker_does),
        CASE(an_outage_costs_few_calls_and_ends_soon_after_it),
    };
    return cmocka_run_group_tests_name("protection: breaker incidents", cases, NULL, NULL);
}
