/* test_retry_budget.c - the share of retries, its window; and what it does in a cascade (I03). */
/* link: -Wl,--wrap=malloc,--wrap=calloc,--wrap=free */
#include "retry.h"
#include "starve.h"

static struct pool_retry_budget *make(struct test_clock *time, unsigned percent, unsigned spare)
{
    struct pool_retry_budget *budget;
    test_clock_init(time);
    struct pool_retry_budget_options options = {percent, spare, 10 * POOL_SECOND, &time->clock};
    assert_status(pool_retry_budget_create(&budget, &options), POOL_OK);
    return budget;
}

static void request(struct pool_retry_budget *budget, int times)
{
    for (int i = 0; i < times; i++)
        assert_status(pool_retry_budget_request(budget), POOL_OK);
}

static int spend_all(struct pool_retry_budget *budget)
{
    int spent = 0;
    while (pool_retry_budget_spend(budget) == POOL_OK)
        spent++;
    return spent;
}

static void it_allows_a_share_of_the_requests(void **state)
{
    (void)state;
    struct test_clock time;
    struct pool_retry_budget *budget = make(&time, 10, 0);
    assert_int_equal(spend_all(budget), 0);
    request(budget, 9);
    assert_int_equal(spend_all(budget), 0); /* a tenth of nine is none yet */
    request(budget, 1);
    assert_int_equal(spend_all(budget), 1);
    request(budget, 90);
    assert_int_equal(spend_all(budget), 9);
    struct pool_retry_budget_view view = pool_retry_budget_view(budget);
    assert_int_equal(view.requests, 100);
    assert_int_equal(view.retries, 10);
    assert_int_equal(view.refused, 4);
    pool_retry_budget_destroy(budget);
}

static void some_are_spare_however_few_the_requests(void **state)
{
    (void)state;
    struct test_clock time;
    struct pool_retry_budget *budget = make(&time, 0, 3);
    assert_int_equal(spend_all(budget), 3);
    request(budget, 1000);
    assert_int_equal(spend_all(budget), 0);
    pool_retry_budget_destroy(budget);
    budget = make(&time, 200, 1); /* two for each request is a share as well */
    request(budget, 5);
    assert_int_equal(spend_all(budget), 11);
    pool_retry_budget_destroy(budget);
}

static void only_the_window_counts(void **state)
{
    (void)state;
    struct test_clock time;
    struct pool_retry_budget *budget = make(&time, 10, 1);
    request(budget, 100);
    assert_int_equal(spend_all(budget), 11);
    pass_time(&time, 9 * POOL_SECOND);
    assert_int_equal(spend_all(budget), 0);
    pass_time(&time, POOL_SECOND);
    assert_int_equal(spend_all(budget), 1); /* a quiet time saves nothing up */
    struct pool_retry_budget_view view = pool_retry_budget_view(budget);
    assert_int_equal(view.requests, 0);
    assert_int_equal(view.all_requests, 100);
    assert_int_equal(view.all_retries, 12);
    pool_retry_budget_destroy(budget);
}

/* 100 calls a second for a minute, of which all fail from 20 s to 40 s; up to four attempts each. How many
 * calls reach the other side in the ten busiest seconds, for a hundred that somebody asked for? */
static uint64_t busiest(struct pool_retry_budget *budget, struct test_clock *time)
{
    struct pool_retry_policy policy = {.attempts = 4,
                                       .base = 1,
                                       .most = 1,
                                       .total = POOL_RETRY_NO_DEADLINE,
                                       .jitter = POOL_JITTER_NONE,
                                       .clock = &time->clock};
    uint64_t most = 0, calls = 0;
    for (uint64_t i = 0; i < 6000; i++, pass_time(time, 10 * MS)) {
        struct pool_retry retry;
        uint64_t delay;
        if (i % 1000 == 0)
            calls = 0;
        assert_status(pool_retry_begin(&retry, &policy, budget, i), POOL_OK);
        if (i >= 2000 && i < 4000)
            while (pool_retry_next(&retry, 0, &delay) == POOL_OK)
                ;
        calls += retry.attempts;
        most = calls > most ? calls : most;
    }
    return most / 10;
}

static void in_a_cascade_it_adds_a_tenth_and_not_three_times_the_load(void **state)
{
    (void)state;
    struct test_clock time;
    struct pool_retry_budget *budget = make(&time, 10, 0);
    assert_int_equal(busiest(NULL, &time), 400);
    assert_in_range(busiest(budget, &time), 109, 111);
    struct pool_retry_budget_view view = pool_retry_budget_view(budget);
    assert_true(view.all_retries * 10 <= view.all_requests);
    assert_true(view.all_retries >= 150); /* and it was used */
    pool_retry_budget_destroy(budget);
}

static void *spend_often(void *arg)
{
    for (int i = 0; i < 1000; i++) {
        (void)pool_retry_budget_request(arg);
        if (pool_retry_budget_spend(arg) != POOL_OK)
            sched_yield();
    }
    return NULL;
}

static void many_threads_do_not_overspend(void **state)
{
    (void)state;
    struct test_clock time;
    struct pool_retry_budget *budget = make(&time, 10, 0);
    crew_run(spend_often, budget);
    struct pool_retry_budget_view view = pool_retry_budget_view(budget);
    assert_int_equal(view.all_requests, CREW * 1000);
    assert_int_equal(view.all_retries, CREW * 100);
    assert_int_equal(view.refused, CREW * 900);
    pool_retry_budget_destroy(budget);
}

static void what_cannot_be_is_refused(void **state)
{
    (void)state;
    struct pool_retry_budget *budget;
    static const struct pool_retry_budget_options wrong[] = {
        {.percent = 1001, .window = 1}, {.window = 1}, {.percent = 1}};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        budget = (struct pool_retry_budget *)state;
        assert_status(pool_retry_budget_create(&budget, &wrong[i]), POOL_INVALID);
        assert_null(budget);
    }
    assert_status(pool_retry_budget_create(&budget, NULL), POOL_INVALID);
    assert_status(pool_retry_budget_create(NULL, &wrong[0]), POOL_INVALID);
    assert_status(pool_retry_budget_request(NULL), POOL_INVALID);
    assert_status(pool_retry_budget_spend(NULL), POOL_INVALID);
    assert_int_equal(pool_retry_budget_view(NULL).requests, 0);
    pool_retry_budget_destroy(NULL);
}

static enum pool_status create_one(void **made)
{
    struct pool_retry_budget_options options = {.percent = 1, .window = 1};
    return pool_retry_budget_create((struct pool_retry_budget **)made, &options);
}

static void destroy_one(void *made)
{
    pool_retry_budget_destroy(made);
}

static void memory_runs_out(void **state)
{
    (void)state;
    assert_survives_hunger(create_one, destroy_one);
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        CASE(it_allows_a_share_of_the_requests),
        CASE(some_are_spare_however_few_the_requests),
        CASE(only_the_window_counts),
        CASE(in_a_cascade_it_adds_a_tenth_and_not_three_times_the_load),
        CASE(many_threads_do_not_overspend),
        CASE(what_cannot_be_is_refused),
        CASE(memory_runs_out),
    };
    return cmocka_run_group_tests_name("protection: retry budget", cases, NULL, NULL);
}
