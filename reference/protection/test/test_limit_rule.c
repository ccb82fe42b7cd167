/* test_limit_rule.c - each rule of the limiter, window by window, and on a simulated sick downstream (I05).
 */
#include "limiter.h"
#include "protection_test.h"

static void take(struct pool_limiter *limiter, struct pool_limiter_permit *permit)
{
    assert_status(pool_limiter_try(limiter, permit), POOL_OK);
}

static void give(struct pool_limiter *limiter, struct pool_limiter_permit *permit)
{
    assert_status(pool_limiter_done(limiter, permit, POOL_CALL_GOOD), POOL_OK);
}

/* --- the rules, step by step -------------------------------------------------------------------------- */

static struct pool_limiter *make_adaptive(struct test_clock *time, enum pool_limiter_rule rule,
                                          unsigned start)
{
    struct pool_limiter *limiter;
    test_clock_init(time);
    struct pool_limiter_options options = {
        .rule = rule,
        .start = start,
        .floor = 4,
        .ceiling = 100,
        .window = 100 * MS,
        .slow = 50 * MS,
        .clock = &time->clock,
    };
    assert_status(pool_limiter_create(&limiter, &options), POOL_OK);
    return limiter;
}

/* A window: COUNT calls at once that take so long and end so; the limit after it. */
static unsigned after_window(struct pool_limiter *limiter, struct test_clock *time, unsigned count,
                             uint64_t latency, enum pool_call_outcome last)
{
    struct pool_limiter_permit permits[100];
    for (unsigned i = 0; i < count; i++)
        take(limiter, &permits[i]);
    pass_time(time, latency);
    for (unsigned i = 0; i + 1 < count; i++)
        give(limiter, &permits[i]);
    pass_time(time, latency < 100 * MS ? 100 * MS - latency : 0);
    permits[count - 1].since = atomic_load(&time->now) - latency;
    assert_status(pool_limiter_done(limiter, &permits[count - 1], last), POOL_OK);
    return pool_limiter_counts(limiter).limit;
}

static void aimd_adds_one_and_takes_a_quarter(void **state)
{
    (void)state;
    struct test_clock time;
    struct pool_limiter *limiter = make_adaptive(&time, POOL_LIMITER_AIMD, 40);
    assert_int_equal(after_window(limiter, &time, 40, 50 * MS, POOL_CALL_GOOD), 41);
    assert_int_equal(after_window(limiter, &time, 41, 51 * MS, POOL_CALL_GOOD), 30);
    assert_int_equal(after_window(limiter, &time, 30, 10 * MS, POOL_CALL_FAILED), 23);
    assert_int_equal(after_window(limiter, &time, 23, 10 * MS, POOL_CALL_IGNORED), 24);
    assert_int_equal(after_window(limiter, &time, 11, 10 * MS, POOL_CALL_GOOD), 24);  /* hardly used */
    assert_int_equal(after_window(limiter, &time, 11, 60 * MS, POOL_CALL_GOOD), 18);  /* but slow is slow */
    assert_int_equal(after_window(limiter, &time, 9, 10 * MS, POOL_CALL_FAILED), 18); /* too few to tell */
    assert_int_equal(pool_limiter_counts(limiter).changes, 5);
    pool_limiter_destroy(limiter);
}

static void a_rule_stays_between_floor_and_ceiling(void **state)
{
    (void)state;
    for (enum pool_limiter_rule rule = POOL_LIMITER_AIMD; rule <= POOL_LIMITER_VEGAS; rule++) {
        struct test_clock time;
        struct pool_limiter *limiter = make_adaptive(&time, rule, 40);
        for (int i = 0; i < 400; i++)
            after_window(limiter, &time, pool_limiter_counts(limiter).limit, 10 * MS, POOL_CALL_GOOD);
        assert_int_equal(pool_limiter_counts(limiter).limit, 100);
        for (int i = 0; i < 60; i++) {
            unsigned in_use = pool_limiter_counts(limiter).limit;
            after_window(limiter, &time, in_use, 10 * MS, POOL_CALL_FAILED);
            after_window(limiter, &time, in_use / 2, 10 * MS, POOL_CALL_FAILED);
        }
        assert_int_equal(pool_limiter_counts(limiter).limit, 4);
        assert_status(pool_limiter_set(limiter, POOL_LIMITER_MOST), POOL_OK);
        after_window(limiter, &time, 100, 10 * MS, POOL_CALL_GOOD);
        assert_int_equal(pool_limiter_counts(limiter).limit, 100);
        pool_limiter_destroy(limiter);
    }
}

static void a_window_of_failures_alone_shrinks_too(void **state)
{
    (void)state;
    struct test_clock time;
    struct pool_limiter *limiter = make_adaptive(&time, POOL_LIMITER_VEGAS, 40);
    struct pool_limiter_permit permit;
    for (int i = 0; i < 10; i++) {
        take(limiter, &permit);
        pass_time(&time, 10 * MS);
        assert_status(pool_limiter_done(limiter, &permit, POOL_CALL_FAILED), POOL_OK);
    }
    assert_int_equal(pool_limiter_counts(limiter).limit, 30);
    pool_limiter_destroy(limiter);
}

static void the_gradient_gives_way_when_calls_get_slower(void **state)
{
    (void)state;
    struct test_clock time;
    struct pool_limiter *limiter = make_adaptive(&time, POOL_LIMITER_GRADIENT, 40);
    /* 40 + 0.2 * (40 + 4 - 40) */
    assert_int_equal(after_window(limiter, &time, 40, 20 * MS, POOL_CALL_GOOD), 40);
    assert_int_equal(after_window(limiter, &time, 40, 20 * MS, POOL_CALL_GOOD), 41);
    /* twice as slow: g is just above 0.5, so 41.6 + 0.2 * (20.8 + 4 - 41.6) */
    assert_int_equal(after_window(limiter, &time, 41, 40 * MS, POOL_CALL_GOOD), 38);
    /* ten times as slow counts no more than twice */
    assert_int_equal(after_window(limiter, &time, 38, 400 * MS, POOL_CALL_GOOD), 35);
    /* a long slow time becomes the usual; quick again, it is unlearned within some windows */
    for (int i = 0; i < 3000; i++)
        after_window(limiter, &time, pool_limiter_counts(limiter).limit, 400 * MS, POOL_CALL_GOOD);
    assert_int_equal(pool_limiter_counts(limiter).limit, 100);
    for (int i = 0; i < 40; i++)
        after_window(limiter, &time, 100, 20 * MS, POOL_CALL_GOOD);
    after_window(limiter, &time, 100, 80 * MS, POOL_CALL_GOOD);
    assert_in_range(pool_limiter_counts(limiter).limit, 90, 92);
    pool_limiter_destroy(limiter);
}

static void vegas_keeps_a_short_queue(void **state)
{
    (void)state;
    struct test_clock time;
    struct pool_limiter *limiter = make_adaptive(&time, POOL_LIMITER_VEGAS, 40);
    assert_int_equal(after_window(limiter, &time, 40, 20 * MS, POOL_CALL_GOOD), 46); /* no queue: + 6 */
    /* 46 * (1 - 20 / 21) = 2.2, so 3 queue: neither few nor many */
    assert_int_equal(after_window(limiter, &time, 46, 21 * MS, POOL_CALL_GOOD), 46);
    /* 46 * (1 - 20 / 20.6) = 1.3, so 2: + 1 */
    assert_int_equal(after_window(limiter, &time, 46, 20600000, POOL_CALL_GOOD), 47);
    /* 47 * (1 - 20 / 25) = 9.4: - 1 */
    assert_int_equal(after_window(limiter, &time, 47, 25 * MS, POOL_CALL_GOOD), 46);
    /* slower for good: 20 ms is forgotten after 120 windows, the 20.6 ms of these 120 after 120 more */
    for (int i = 0; i < 236; i++)
        after_window(limiter, &time, pool_limiter_counts(limiter).limit, 40 * MS, POOL_CALL_GOOD);
    unsigned limit = pool_limiter_counts(limiter).limit;
    assert_int_equal(limit, 12); /* 6 of 12 queue, which is not too many */
    assert_int_equal(after_window(limiter, &time, limit, 40 * MS, POOL_CALL_GOOD), limit + 6);
    pool_limiter_destroy(limiter);
}

static void a_call_of_no_time_and_a_clock_that_steps_back(void **state)
{
    (void)state;
    struct test_clock time;
    struct pool_limiter *limiter = make_adaptive(&time, POOL_LIMITER_GRADIENT, 10);
    struct pool_limiter_permit permit;
    take(limiter, &permit);
    pass_time(&time, -(uint64_t)POOL_SECOND);
    give(limiter, &permit);
    pass_time(&time, 2 * POOL_SECOND);
    for (int i = 0; i < 20; i++) {
        take(limiter, &permit);
        give(limiter, &permit);
    }
    assert_in_range(pool_limiter_counts(limiter).limit, 10, 11);
    pool_limiter_destroy(limiter);
}

/* --- the sick downstream of I05 ----------------------------------------------------------------------- */

/* Latency is 20 ms * (1 + in flight / 50), three times that for 3 s; above 100 in flight calls fail. 2,000
 * calls a second arrive, far more than it can do; what the limiter refuses is shed. */
struct downstream {
    struct future *future;
    struct pool_limiter *limiter;
    struct pool_limiter_permit permits[1000];
    int free_permits[1000], free_count;
    unsigned in_flight, peak_later, failed_later, good_later;
    bool slow, later;
};

static void call_ends(void *world, uint64_t what)
{
    struct downstream *down = world;
    bool failed = down->in_flight > 100;
    down->in_flight--;
    down->failed_later += down->later && failed;
    down->good_later += down->later && !failed;
    enum pool_call_outcome outcome = failed ? POOL_CALL_FAILED : POOL_CALL_GOOD;
    assert_status(pool_limiter_done(down->limiter, &down->permits[what], outcome), POOL_OK);
    down->free_permits[down->free_count++] = (int)what;
}

static void call_arrives(void *world, uint64_t what)
{
    struct downstream *down = world;
    int slot = down->free_permits[down->free_count - 1];
    future_plan(down->future, 500000, call_arrives, what);
    if (pool_limiter_try(down->limiter, &down->permits[slot]) != POOL_OK)
        return;
    down->free_count--;
    down->in_flight++;
    if (down->later && down->in_flight > down->peak_later)
        down->peak_later = down->in_flight;
    uint64_t latency = 20 * MS * (50 + down->in_flight) / 50;
    future_plan(down->future, down->slow ? 3 * latency : latency, call_ends, (uint64_t)slot);
}

static struct downstream *simulate(enum pool_limiter_rule rule, unsigned start)
{
    struct downstream *down = calloc(1, sizeof *down);
    down->future = future_create();
    struct pool_limiter_options options = {.rule = rule,
                                           .start = start,
                                           .floor = 4,
                                           .ceiling = 1000,
                                           .window = 100 * MS,
                                           .slow = 45 * MS,
                                           .clock = &down->future->clock.clock};
    assert_status(pool_limiter_create(&down->limiter, &options), POOL_OK);
    for (int i = 0; i < 1000; i++)
        down->free_permits[down->free_count++] = i;
    future_plan(down->future, 0, call_arrives, 0);
    future_run(down->future, down, 10 * POOL_SECOND);
    down->slow = true;
    future_run(down->future, down, 3 * POOL_SECOND);
    down->slow = false;
    future_run(down->future, down, 10 * POOL_SECOND);
    down->later = true; /* 10 s after the slowdown it has to be healthy */
    future_run(down->future, down, 30 * POOL_SECOND);
    return down;
}

static void downstream_destroy(struct downstream *down)
{
    pool_limiter_destroy(down->limiter);
    free(down->future);
    free(down);
}

/* Healthy is up to 100 in flight: it does 100 / 60 ms = 1,667 calls a second there. */
static void an_adaptive_limit_keeps_a_downstream_healthy(void **state)
{
    (void)state;
    for (enum pool_limiter_rule rule = POOL_LIMITER_AIMD; rule <= POOL_LIMITER_VEGAS; rule++) {
        struct downstream *down = simulate(rule, 20);
        assert_in_range(down->peak_later, 10, 120);               /* I05: 1.2 * healthy */
        assert_true(down->good_later >= 30 * 500);                /* and it is used */
        assert_true(down->failed_later * 20 <= down->good_later); /* 5 % failed at most */
        downstream_destroy(down);
    }
}

static void a_fixed_limit_that_is_too_high_does_not(void **state)
{
    (void)state;
    struct downstream *down = simulate(POOL_LIMITER_FIXED, 400);
    assert_true(down->peak_later > 120);
    assert_true(down->failed_later > down->good_later);
    downstream_destroy(down);
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        CASE(aimd_adds_one_and_takes_a_quarter),
        CASE(a_rule_stays_between_floor_and_ceiling),
        CASE(a_window_of_failures_alone_shrinks_too),
        CASE(the_gradient_gives_way_when_calls_get_slower),
        CASE(vegas_keeps_a_short_queue),
        CASE(a_call_of_no_time_and_a_clock_that_steps_back),
        CASE(an_adaptive_limit_keeps_a_downstream_healthy),
        CASE(a_fixed_limit_that_is_too_high_does_not),
    };
    return cmocka_run_group_tests_name("protection: limit rule", cases, NULL, NULL);
}
