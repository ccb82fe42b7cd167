/* test_retry.c - delays of each jitter, and the four ends of an operation. */
#include "protection_test.h"
#include "retry.h"

static struct pool_retry_policy usual(struct test_clock *time, enum pool_jitter jitter)
{
    test_clock_init(time);
    return (struct pool_retry_policy){.attempts = 100,
                                      .base = POOL_SECOND,
                                      .most = 8 * POOL_SECOND,
                                      .total = POOL_RETRY_NO_DEADLINE,
                                      .jitter = jitter,
                                      .clock = &time->clock};
}

static struct pool_retry begin(const struct pool_retry_policy *policy, uint64_t seed)
{
    struct pool_retry retry;
    assert_status(pool_retry_begin(&retry, policy, NULL, seed), POOL_OK);
    assert_int_equal(retry.attempts, 1);
    return retry;
}

static uint64_t next(struct pool_retry *retry)
{
    uint64_t delay;
    assert_status(pool_retry_next(retry, 0, &delay), POOL_OK);
    return delay;
}

static void without_jitter_it_doubles_up_to_the_most(void **state)
{
    (void)state;
    struct test_clock time;
    struct pool_retry_policy policy = usual(&time, POOL_JITTER_NONE);
    struct pool_retry retry = begin(&policy, 1);
    static const uint64_t seconds[] = {1, 2, 4, 8, 8, 8};
    for (int i = 0; i < 6; i++)
        assert_int_equal(next(&retry), seconds[i] * POOL_SECOND);
    for (int i = 0; i < 90; i++) /* far beyond the width of a number */
        assert_int_equal(next(&retry), 8 * POOL_SECOND);
}

/* The least, the mean and the most of the NUMBER-th delay of 2,000 operations, in ms. */
static void look(enum pool_jitter jitter, int number, uint64_t seen[3])
{
    struct test_clock time;
    struct pool_retry_policy policy = usual(&time, jitter);
    uint64_t sum = 0;
    seen[0] = UINT64_MAX, seen[2] = 0;
    for (uint64_t seed = 0; seed < 2000; seed++) {
        struct pool_retry retry = begin(&policy, seed);
        uint64_t delay = 0;
        for (int i = 0; i < number; i++)
            delay = next(&retry) / MS;
        seen[0] = delay < seen[0] ? delay : seen[0];
        seen[2] = delay > seen[2] ? delay : seen[2];
        sum += delay;
    }
    seen[1] = sum / 2000;
}

/* The bounds are the formulas'; the means are theirs within 5 %, which 2,000 uniform numbers keep: their
 * standard error is at most 1.3 % of the mean. Seeds are fixed, so it is the same each time. */
static void each_jitter_spreads_as_its_formula_says(void **state)
{
    (void)state;
    static const struct {
        enum pool_jitter jitter;
        int number;
        uint64_t least, mean, most;
    } rows[] = {
        {POOL_JITTER_FULL, 1, 0, 500, 1000},
        {POOL_JITTER_FULL, 3, 0, 2000, 4000},
        {POOL_JITTER_FULL, 9, 0, 4000, 8000},
        {POOL_JITTER_EQUAL, 1, 500, 750, 1000},
        {POOL_JITTER_EQUAL, 4, 4000, 6000, 8000},
        {POOL_JITTER_DECORRELATED, 1, 1000, 2000, 3000},
        {POOL_JITTER_DECORRELATED, 2, 1000, 3444, 8000}, /* (1 + 3 * 2) / 2 = 3.5, less what is cut at 8 */
        {POOL_JITTER_ADDED, 1, 1000, 1500, 2000},
        {POOL_JITTER_ADDED, 3, 4000, 4500, 5000},
        {POOL_JITTER_ADDED, 9, 8000, 8500, 9000},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        uint64_t seen[3], width = rows[i].most - rows[i].least;
        look(rows[i].jitter, rows[i].number, seen);
        assert_in_range(seen[0], rows[i].least, rows[i].least + width / 50);
        assert_in_range(seen[1], rows[i].mean * 95 / 100, rows[i].mean * 105 / 100);
        assert_in_range(seen[2], rows[i].most - width / 50, rows[i].most);
    }
}

static void the_seed_decides(void **state)
{
    (void)state;
    struct test_clock time;
    struct pool_retry_policy policy = usual(&time, POOL_JITTER_FULL);
    struct pool_retry a = begin(&policy, 5), same = begin(&policy, 5), other = begin(&policy, 6);
    int differ = 0;
    for (int i = 0; i < 20; i++) {
        uint64_t delay = next(&a);
        assert_int_equal(delay, next(&same));
        differ += delay != next(&other);
    }
    assert_true(differ >= 19);
}

static void attempts_end_at_once_and_without_a_delay(void **state)
{
    (void)state;
    struct test_clock time;
    struct pool_retry_policy policy = usual(&time, POOL_JITTER_FULL);
    uint64_t delay = 99;
    policy.attempts = 3;
    struct pool_retry retry = begin(&policy, 1);
    next(&retry);
    next(&retry);
    assert_int_equal(retry.attempts, 3);
    for (int again = 0; again < 2; again++) {
        assert_status(pool_retry_next(&retry, 0, &delay), POOL_FAILED);
        assert_int_equal(delay, 0);
    }
    policy.attempts = 1;
    retry = begin(&policy, 1);
    assert_status(pool_retry_next(&retry, 0, &delay), POOL_FAILED);
}

static void no_retry_begins_after_the_deadline(void **state)
{
    (void)state;
    struct test_clock time;
    struct pool_retry_policy policy = usual(&time, POOL_JITTER_NONE);
    uint64_t delay;
    policy.total = 10 * POOL_SECOND;
    struct pool_retry retry = begin(&policy, 1);
    pass_time(&time, 2 * POOL_SECOND);
    assert_int_equal(next(&retry), POOL_SECOND);
    pass_time(&time, 6 * POOL_SECOND - 1); /* 2 s more are 1 ns within */
    struct pool_retry late = retry;
    assert_int_equal(next(&retry), 2 * POOL_SECOND);
    pass_time(&time, 1);
    assert_status(pool_retry_next(&late, 0, &delay), POOL_TIMED_OUT);
    assert_int_equal(delay, 0);
    retry = begin(&policy, 1);
    assert_status(pool_retry_next(&retry, UINT64_MAX, &delay), POOL_TIMED_OUT); /* a wish beyond counting */
}

static void too_late_is_too_late_whatever_the_next_draw(void **state)
{
    (void)state;
    struct test_clock time;
    struct pool_retry_policy policy = usual(&time, POOL_JITTER_FULL);
    policy.total = POOL_SECOND;
    int too_late = 0;
    for (uint64_t seed = 0; seed < 50; seed++) {
        struct pool_retry retry = begin(&policy, seed);
        uint64_t delay;
        pass_time(&time, POOL_SECOND / 2); /* half of the draws are beyond it */
        if (pool_retry_next(&retry, 0, &delay) != POOL_TIMED_OUT)
            continue;
        too_late++;
        for (int again = 0; again < 20; again++)
            assert_status(pool_retry_next(&retry, 0, &delay), POOL_TIMED_OUT);
        assert_int_equal(retry.attempts, 1);
    }
    assert_in_range(too_late, 10, 40);
}

static void the_other_sides_wish_is_kept_and_spread(void **state)
{
    (void)state;
    struct test_clock time;
    struct pool_retry_policy policy = usual(&time, POOL_JITTER_FULL);
    uint64_t delay, first = 0;
    int differ = 0;
    for (uint64_t seed = 0; seed < 20; seed++) {
        struct pool_retry retry = begin(&policy, seed);
        assert_status(pool_retry_next(&retry, 30 * POOL_SECOND, &delay), POOL_OK);
        assert_in_range(delay, 30 * POOL_SECOND, 31 * POOL_SECOND);
        first = seed == 0 ? delay : first;
        differ += delay != first;
    }
    assert_int_equal(differ, 19);
    policy.jitter = POOL_JITTER_NONE;
    struct pool_retry retry = begin(&policy, 1);
    assert_status(pool_retry_next(&retry, 30 * POOL_SECOND, &delay), POOL_OK);
    assert_int_equal(delay, 30 * POOL_SECOND);
    assert_status(pool_retry_next(&retry, 1, &delay), POOL_OK);
    assert_int_equal(delay, 2 * POOL_SECOND); /* a shorter wish shortens nothing */
}

static void huge_numbers_stop_at_the_largest(void **state)
{
    (void)state;
    for (enum pool_jitter jitter = POOL_JITTER_NONE; jitter <= POOL_JITTER_ADDED; jitter++) {
        struct test_clock time;
        struct pool_retry_policy policy = usual(&time, jitter);
        policy.base = policy.most = UINT64_MAX;
        struct pool_retry retry = begin(&policy, 3);
        for (int i = 0; i < 80; i++)
            assert_true(jitter == POOL_JITTER_FULL || next(&retry) >= UINT64_MAX / 2);
    }
}

static void a_clock_that_steps_back_is_no_time_passed(void **state)
{
    (void)state;
    struct test_clock time;
    struct pool_retry_policy policy = usual(&time, POOL_JITTER_NONE);
    policy.total = 2 * POOL_SECOND;
    struct pool_retry retry = begin(&policy, 1);
    pass_time(&time, -(uint64_t)(500 * POOL_SECOND));
    assert_int_equal(next(&retry), POOL_SECOND);
}

static void a_retry_that_will_not_be_made_costs_no_budget(void **state)
{
    (void)state;
    struct test_clock time;
    struct pool_retry_policy policy = usual(&time, POOL_JITTER_NONE);
    struct pool_retry_budget *budget;
    struct pool_retry_budget_options options = {.spare = 2, .window = POOL_SECOND, .clock = &time.clock};
    struct pool_retry retry;
    uint64_t delay;
    assert_status(pool_retry_budget_create(&budget, &options), POOL_OK);
    policy.attempts = 1;
    assert_status(pool_retry_begin(&retry, &policy, budget, 1), POOL_OK);
    assert_status(pool_retry_next(&retry, 0, &delay), POOL_FAILED);
    policy.attempts = 9;
    policy.total = POOL_SECOND;
    assert_status(pool_retry_begin(&retry, &policy, budget, 1), POOL_OK);
    assert_status(pool_retry_next(&retry, 0, &delay), POOL_TIMED_OUT);
    assert_int_equal(pool_retry_budget_view(budget).retries, 0);
    assert_int_equal(pool_retry_budget_view(budget).requests, 2);
    policy.total = POOL_RETRY_NO_DEADLINE;
    assert_status(pool_retry_begin(&retry, &policy, budget, 1), POOL_OK);
    assert_status(pool_retry_next(&retry, 0, &delay), POOL_OK);
    assert_status(pool_retry_next(&retry, 0, &delay), POOL_OK);
    assert_status(pool_retry_next(&retry, 0, &delay), POOL_REJECTED);
    assert_int_equal(delay, 0);
    assert_int_equal(retry.attempts, 3);
    pool_retry_budget_destroy(budget);
}

static void what_cannot_be_is_refused(void **state)
{
    (void)state;
    struct test_clock time;
    struct pool_retry retry;
    uint64_t delay;
    struct pool_retry_policy right = usual(&time, POOL_JITTER_FULL), wrong[6];
    for (int i = 0; i < 6; i++)
        wrong[i] = right;
    wrong[0].attempts = 0;
    wrong[1].base = 0;
    wrong[2].most = 0;
    wrong[3].most = wrong[3].base - 1;
    wrong[4].total = 0;
    wrong[5].jitter = (enum pool_jitter)5;
    for (int i = 0; i < 6; i++)
        assert_status(pool_retry_begin(&retry, &wrong[i], NULL, 0), POOL_INVALID);
    assert_status(pool_retry_begin(&retry, NULL, NULL, 0), POOL_INVALID);
    assert_status(pool_retry_begin(NULL, &right, NULL, 0), POOL_INVALID);
    assert_status(pool_retry_next(NULL, 0, &delay), POOL_INVALID);
    retry = (struct pool_retry){0}; /* never begun */
    assert_status(pool_retry_next(&retry, 0, &delay), POOL_INVALID);
    retry = begin(&right, 0);
    assert_status(pool_retry_next(&retry, 0, NULL), POOL_INVALID);
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        CASE(without_jitter_it_doubles_up_to_the_most),
        CASE(each_jitter_spreads_as_its_formula_says),
        CASE(the_seed_decides),
        CASE(attempts_end_at_once_and_without_a_delay),
        CASE(no_retry_begins_after_the_deadline),
        CASE(too_late_is_too_late_whatever_the_next_draw),
        CASE(the_other_sides_wish_is_kept_and_spread),
        CASE(huge_numbers_stop_at_the_largest),
        CASE(a_clock_that_steps_back_is_no_time_passed),
        CASE(a_retry_that_will_not_be_made_costs_no_budget),
        CASE(what_cannot_be_is_refused),
    };
    return cmocka_run_group_tests_name("protection: retry", cases, NULL, NULL);
}
