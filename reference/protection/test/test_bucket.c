/* test_bucket.c - the token bucket: rate, burst, promises, and that its arithmetic loses nothing. */
/* link: -Wl,--wrap=malloc,--wrap=calloc,--wrap=free */
#include "bucket.h"
#include "starve.h"

static struct pool_bucket *make(struct test_clock *time, uint64_t tokens, uint64_t period, uint64_t burst)
{
    struct pool_bucket *bucket;
    test_clock_init(time);
    struct pool_bucket_options options = {tokens, period, burst, &time->clock};
    assert_status(pool_bucket_create(&bucket, &options), POOL_OK);
    return bucket;
}

static void it_begins_full_and_holds_no_more_than_its_burst(void **state)
{
    (void)state;
    struct test_clock time;
    struct pool_bucket *bucket = make(&time, 10, POOL_SECOND, 5);
    assert_int_equal(pool_bucket_available(bucket), 5);
    pass_time(&time, 3600 * POOL_SECOND);
    assert_int_equal(pool_bucket_available(bucket), 5);
    for (int i = 0; i < 5; i++)
        assert_status(pool_bucket_take(bucket, 1, NULL), POOL_OK);
    assert_status(pool_bucket_take(bucket, 1, NULL), POOL_REJECTED);
    assert_int_equal(pool_bucket_available(bucket), 0);
    pool_bucket_destroy(bucket);
}

static void a_refusal_says_to_the_nanosecond_when_it_would_succeed(void **state)
{
    (void)state;
    struct test_clock time;
    struct pool_bucket *bucket = make(&time, 3, POOL_SECOND, 3); /* a token each 333,333,333 1/3 ns */
    uint64_t wait = 99;
    assert_status(pool_bucket_take(bucket, 3, &wait), POOL_OK);
    assert_int_equal(wait, 0);
    assert_status(pool_bucket_take(bucket, 1, &wait), POOL_REJECTED);
    assert_int_equal(wait, 333333334);
    pass_time(&time, 333333333);
    assert_status(pool_bucket_take(bucket, 1, &wait), POOL_REJECTED);
    assert_int_equal(wait, 1);
    pass_time(&time, 1);
    assert_status(pool_bucket_take(bucket, 1, &wait), POOL_OK);
    pool_bucket_destroy(bucket);
}

/* Looking at the clock each nanosecond or once must come to the same. */
static void no_look_at_the_clock_costs_a_fraction(void **state)
{
    (void)state;
    struct test_clock time;
    struct pool_bucket *often = make(&time, 7, 30, 1000), *once;
    struct pool_bucket_options options = {7, 30, 1000, &time.clock};
    assert_status(pool_bucket_create(&once, &options), POOL_OK);
    assert_status(pool_bucket_take(often, 1000, NULL), POOL_OK);
    assert_status(pool_bucket_take(once, 1000, NULL), POOL_OK);
    for (uint64_t passed = 1; passed <= 3000; passed++) {
        pass_time(&time, 1);
        assert_int_equal(pool_bucket_available(often), passed * 7 / 30);
    }
    assert_int_equal(pool_bucket_available(once), 700);
    pool_bucket_destroy(often);
    pool_bucket_destroy(once);
}

static void a_year_at_an_odd_rate_gives_exactly_the_rate(void **state)
{
    (void)state;
    struct test_clock time;
    struct pool_bucket *bucket = make(&time, 7, 10 * POOL_SECOND, 1);
    uint64_t seconds = 366 * 24 * 3600, taken = 0, wait = 0;
    assert_status(pool_bucket_take(bucket, 1, NULL), POOL_OK);
    for (uint64_t now = 0; now < 100000 * POOL_SECOND; now += wait) {
        pass_time(&time, wait);
        taken += pool_bucket_take(bucket, 1, &wait) == POOL_OK;
        if (wait == 0)
            assert_status(pool_bucket_take(bucket, 1, &wait), POOL_REJECTED);
    }
    assert_in_range(taken, 69999, 70000); /* each take is late by less than a nanosecond */
    pass_time(&time, seconds * POOL_SECOND);
    assert_int_equal(pool_bucket_available(bucket), 1);
    pool_bucket_destroy(bucket);
}

static void a_reservation_queues_up_behind_the_ones_before_it(void **state)
{
    (void)state;
    struct test_clock time;
    struct pool_bucket *bucket = make(&time, 10, POOL_SECOND, 2);
    uint64_t wait;
    for (uint64_t i = 0; i < 5; i++) {
        assert_status(pool_bucket_reserve(bucket, 1, POOL_SECOND, &wait), POOL_OK);
        assert_int_equal(wait, i < 2 ? 0 : (i - 1) * 100 * MS);
    }
    assert_int_equal(pool_bucket_available(bucket), 0);
    assert_status(pool_bucket_reserve(bucket, 2, 499 * MS, &wait), POOL_REJECTED);
    assert_int_equal(wait, 500 * MS); /* and nothing was taken: */
    assert_status(pool_bucket_reserve(bucket, 1, 400 * MS, &wait), POOL_OK);
    assert_int_equal(wait, 400 * MS);
    pool_bucket_destroy(bucket);
}

static void what_is_given_back_can_be_taken_again(void **state)
{
    (void)state;
    struct test_clock time;
    struct pool_bucket *bucket = make(&time, 1, POOL_SECOND, 4);
    uint64_t wait;
    assert_status(pool_bucket_reserve(bucket, 4, 0, &wait), POOL_OK);
    assert_status(pool_bucket_reserve(bucket, 4, 10 * POOL_SECOND, &wait), POOL_OK);
    assert_int_equal(wait, 4 * POOL_SECOND);
    assert_status(pool_bucket_give(bucket, 4), POOL_OK);
    assert_status(pool_bucket_take(bucket, 1, &wait), POOL_REJECTED);
    assert_int_equal(wait, POOL_SECOND);
    assert_status(pool_bucket_give(bucket, 2), POOL_OK);
    assert_status(pool_bucket_give(bucket, 0), POOL_OK);
    assert_int_equal(pool_bucket_available(bucket), 2);
    assert_status(pool_bucket_give(bucket, UINT64_MAX), POOL_OK); /* no more than its burst */
    assert_int_equal(pool_bucket_available(bucket), 4);
    pool_bucket_destroy(bucket);
}

/* X20: 100 a second, each at work for 30 s: 3,000 at once, and the bucket never said no. */
static void it_limits_the_rate_and_not_how_many_are_at_work(void **state)
{
    (void)state;
    struct test_clock time;
    struct pool_bucket *bucket = make(&time, 100, POOL_SECOND, 1);
    int at_work = 0, peak = 0;
    for (int tick = 0; tick < 6000; tick++) { /* a minute, each 10 ms */
        assert_status(pool_bucket_take(bucket, 1, NULL), POOL_OK);
        at_work += 1 - (tick >= 3000); /* the one of 30 s ago has finished */
        peak = at_work > peak ? at_work : peak;
        pass_time(&time, 10 * MS);
    }
    assert_int_equal(peak, 3000);
    pool_bucket_destroy(bucket);
}

static void a_clock_that_steps_back_gives_nothing_and_takes_nothing(void **state)
{
    (void)state;
    struct test_clock time;
    struct pool_bucket *bucket = make(&time, 1, POOL_SECOND, 2);
    assert_status(pool_bucket_take(bucket, 2, NULL), POOL_OK);
    pass_time(&time, -(uint64_t)(500 * POOL_SECOND));
    assert_int_equal(pool_bucket_available(bucket), 0);
    pass_time(&time, 501 * POOL_SECOND);
    assert_int_equal(pool_bucket_available(bucket), 1);
    pool_bucket_destroy(bucket);
}

static void promises_end_where_they_cannot_be_counted(void **state)
{
    (void)state;
    struct test_clock time;
    uint64_t burst = UINT64_C(1) << 61, wait;
    struct pool_bucket *bucket = make(&time, 1, 2, burst);
    assert_status(pool_bucket_reserve(bucket, burst, UINT64_MAX, &wait), POOL_OK);
    assert_status(pool_bucket_reserve(bucket, burst, UINT64_MAX, &wait), POOL_OK);
    assert_int_equal(wait, 2 * burst);
    assert_status(pool_bucket_reserve(bucket, 1, UINT64_MAX, &wait), POOL_REJECTED);
    assert_int_equal(wait, 2 * burst + 2);
    pass_time(&time, UINT64_MAX - 1000 * POOL_SECOND); /* as far as the clock goes */
    assert_int_equal(pool_bucket_available(bucket), burst);
    pool_bucket_destroy(bucket);
}

static void what_cannot_be_is_refused(void **state)
{
    (void)state;
    struct test_clock time;
    struct pool_bucket *bucket;
    static const struct pool_bucket_options wrong[] = {
        {0, 1, 1, NULL}, {1, 0, 1, NULL}, {1, 1, 0, NULL}, {1, UINT64_C(1) << 40, UINT64_C(1) << 23, NULL}};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        assert_status(pool_bucket_create(&bucket, &wrong[i]), POOL_INVALID);
        assert_null(bucket);
    }
    assert_status(pool_bucket_create(&bucket, NULL), POOL_INVALID);
    assert_status(pool_bucket_create(NULL, &wrong[0]), POOL_INVALID);
    uint64_t wait;
    bucket = make(&time, 1, 1, 8);
    assert_status(pool_bucket_take(bucket, 0, NULL), POOL_INVALID);
    assert_status(pool_bucket_take(bucket, 9, NULL), POOL_INVALID);
    assert_status(pool_bucket_reserve(bucket, 1, 0, NULL), POOL_INVALID);
    assert_status(pool_bucket_take(NULL, 1, NULL), POOL_INVALID);
    assert_status(pool_bucket_reserve(NULL, 1, 0, &wait), POOL_INVALID);
    assert_status(pool_bucket_give(NULL, 1), POOL_INVALID);
    assert_int_equal(pool_bucket_available(NULL), 0);
    pool_bucket_destroy(bucket);
    pool_bucket_destroy(NULL);
}

static void without_a_clock_it_asks_the_systems(void **state)
{
    (void)state;
    struct pool_bucket *bucket;
    struct pool_bucket_options options = {.tokens = 1, .period = 3600 * POOL_SECOND, .burst = 1};
    uint64_t wait;
    assert_status(pool_bucket_create(&bucket, &options), POOL_OK);
    assert_status(pool_bucket_take(bucket, 1, NULL), POOL_OK);
    assert_status(pool_bucket_reserve(bucket, 1, 3600 * POOL_SECOND, &wait), POOL_OK);
    assert_true(wait > 0);
    pool_bucket_destroy(bucket);
}

struct rush {
    struct pool_bucket *bucket;
    atomic_int taken;
};

static void *rush(void *arg)
{
    struct rush *all = arg;
    for (int i = 0; i < 1000; i++) {
        if (pool_bucket_take(all->bucket, 2, NULL) == POOL_OK)
            atomic_fetch_add(&all->taken, 2);
        pool_bucket_available(all->bucket);
    }
    return NULL;
}

static void many_threads_take_no_token_twice(void **state)
{
    (void)state;
    struct test_clock time;
    struct rush all = {.bucket = make(&time, 1, 3600 * POOL_SECOND, 1001)};
    crew_run(rush, &all);
    assert_int_equal(all.taken, 1000);
    assert_int_equal(pool_bucket_available(all.bucket), 1);
    pool_bucket_destroy(all.bucket);
}

static enum pool_status create_one(void **made)
{
    struct pool_bucket_options options = {.tokens = 1, .period = 1, .burst = 1};
    return pool_bucket_create((struct pool_bucket **)made, &options);
}

static void destroy_one(void *made)
{
    pool_bucket_destroy(made);
}

static void memory_runs_out(void **state)
{
    (void)state;
    assert_survives_hunger(create_one, destroy_one);
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        CASE(it_begins_full_and_holds_no_more_than_its_burst),
        CASE(a_refusal_says_to_the_nanosecond_when_it_would_succeed),
        CASE(no_look_at_the_clock_costs_a_fraction),
        CASE(a_year_at_an_odd_rate_gives_exactly_the_rate),
        CASE(a_reservation_queues_up_behind_the_ones_before_it),
        CASE(what_is_given_back_can_be_taken_again),
        CASE(it_limits_the_rate_and_not_how_many_are_at_work),
        CASE(a_clock_that_steps_back_gives_nothing_and_takes_nothing),
        CASE(promises_end_where_they_cannot_be_counted),
        CASE(what_cannot_be_is_refused),
        CASE(without_a_clock_it_asks_the_systems),
        CASE(many_threads_take_no_token_twice),
        CASE(memory_runs_out),
    };
    return cmocka_run_group_tests_name("protection: bucket", cases, NULL, NULL);
}
