/* test_edges_counting.c - lines that only matter at the very edge of a time, a number or a window. Each case
 * fails if the one line that it is about is changed.
 */
#include "bucket.h"
#include "fairness.h"
#include "limiter.h"
#include "protection_test.h"
#include "retry_budget.h"

/* --- limiter: a window ---------------------------------------------------------------------------------- */

/* A window in which calls only end has had those in flight that were there when it began. */
static void who_was_in_flight_before_counts_for_the_window(void **state)
{
    (void)state;
    enum { FIRST = 22, A_WINDOW = 10 };
    struct test_clock clock;
    struct pool_limiter *limiter;
    struct pool_limiter_permit permits[FIRST];
    test_clock_init(&clock);
    struct pool_limiter_options options = {.rule = POOL_LIMITER_AIMD,
                                           .start = FIRST,
                                           .floor = 1,
                                           .ceiling = 100,
                                           .window = POOL_SECOND,
                                           .slow = 3600 * POOL_SECOND,
                                           .clock = &clock.clock};
    assert_status(pool_limiter_create(&limiter, &options), POOL_OK);
    for (int i = 0; i < FIRST; i++)
        assert_status(pool_limiter_try(limiter, &permits[i]), POOL_OK);
    for (int i = 0; i < FIRST; i++) {
        if (i % A_WINDOW == 0)
            pass_time(&clock, POOL_SECOND);
        assert_status(pool_limiter_done(limiter, &permits[i], POOL_CALL_GOOD), POOL_OK);
        if (i + 1 == A_WINDOW)
            assert_int_equal(pool_limiter_counts(limiter).limit, FIRST + 1); /* all 22 were there */
        if (i + 1 == 2 * A_WINDOW)
            assert_int_equal(pool_limiter_counts(limiter).limit, FIRST + 2); /* and still more than half */
    }
    pool_limiter_destroy(limiter);
}

/* --- bucket: fractions of a token are neither lost nor found -------------------------------------------------- */

static void a_bucket_is_never_fuller_than_full(void **state)
{
    (void)state;
    struct test_clock clock;
    struct pool_bucket *bucket;
    struct pool_bucket_options options = {.tokens = 3, .period = 4, .burst = 2, .clock = &clock.clock};
    uint64_t wait;
    test_clock_init(&clock);
    assert_status(pool_bucket_create(&bucket, &options), POOL_OK);
    assert_status(pool_bucket_take(bucket, 1, NULL), POOL_OK);
    pass_time(&clock, 2); /* one token takes 4/3 ns, so half a one was too much */
    assert_status(pool_bucket_take(bucket, 2, NULL), POOL_OK);
    assert_status(pool_bucket_take(bucket, 1, &wait), POOL_REJECTED);
    assert_int_equal(wait, 2);
    pass_time(&clock, 1); /* three quarters of a token, */
    assert_status(pool_bucket_give(bucket, 1), POOL_OK);
    assert_status(pool_bucket_take(bucket, 1, NULL), POOL_OK); /* and a given one: not two */
    assert_status(pool_bucket_take(bucket, 1, &wait), POOL_REJECTED);
    assert_int_equal(wait, 1);
    pool_bucket_destroy(bucket);
}

/* --- a window does not forget when the clock is set back ----------------------------------------------------- */

static void an_earlier_time_counts_as_the_last(void **state)
{
    (void)state;
    struct test_clock clock;
    struct pool_retry_budget *budget;
    test_clock_init(&clock);
    struct pool_retry_budget_options options = {
        .percent = 100, .window = 10 * POOL_SECOND, .clock = &clock.clock};
    assert_status(pool_retry_budget_create(&budget, &options), POOL_OK);
    assert_status(pool_retry_budget_request(budget), POOL_OK);
    pass_time(&clock, (uint64_t)0 - 5 * POOL_SECOND);
    assert_int_equal(pool_retry_budget_view(budget).requests, 1);
    assert_status(pool_retry_budget_spend(budget), POOL_OK);
    pool_retry_budget_destroy(budget);
}

/* --- deficit round robin beside itself done naively, a round at a time ------------------------------------ */

enum { TENANTS = 3, EACH = 60, QUANTUM = 4 };

struct naive {
    uint64_t costs[TENANTS][EACH], credit[TENANTS];
    int next[TENANTS], ring[TENANTS], count;
    bool open;
};

static void naive_rotate(struct naive *naive)
{
    int first = naive->ring[0];
    memmove(naive->ring, naive->ring + 1, (size_t)(naive->count - 1) * sizeof naive->ring[0]);
    naive->ring[naive->count - 1] = first;
    naive->open = false;
}

/* The tenant whose turn it is, and its item is gone. */
static int naive_take(struct naive *naive)
{
    for (;; naive_rotate(naive)) {
        int head = naive->ring[0];
        naive->credit[head] += naive->open ? 0 : QUANTUM;
        naive->open = true;
        if (naive->costs[head][naive->next[head]] > naive->credit[head])
            continue;
        naive->credit[head] -= naive->costs[head][naive->next[head]++];
        if (naive->next[head] == EACH) {
            naive_rotate(naive);
            naive->count--;
        }
        return head;
    }
}

static void rounds_that_are_skipped_were_only_saving(void **state)
{
    (void)state;
    struct naive naive = {.count = TENANTS};
    struct pool_fairness *fair;
    struct pool_fairness_options options = {.pick = POOL_FAIRNESS_DEFICIT,
                                            .tenants = TENANTS,
                                            .items = TENANTS * EACH,
                                            .per_tenant = EACH,
                                            .running = EACH,
                                            .quantum = QUANTUM};
    uint64_t chance = 7;
    assert_status(pool_fairness_create(&fair, &options), POOL_OK);
    for (int tenant = 0; tenant < TENANTS; tenant++) {
        naive.ring[tenant] = tenant;
        for (int i = 0; i < EACH; i++) {
            chance = chance * UINT64_C(6364136223846793005) + 1442695040888963407u;
            naive.costs[tenant][i] = 1 + (chance >> 33) % 90; /* many rounds of saving */
            assert_status(pool_fairness_put(fair, (uint64_t)tenant, naive.costs[tenant][i], NULL), POOL_OK);
        }
    }
    for (int i = 0; i < TENANTS * EACH; i++) {
        struct pool_fairness_job job;
        assert_status(pool_fairness_take(fair, &job, NULL), POOL_OK);
        assert_int_equal(job.tenant, naive_take(&naive));
    }
    pool_fairness_destroy(fair);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(who_was_in_flight_before_counts_for_the_window),
        CASE(a_bucket_is_never_fuller_than_full),
        CASE(an_earlier_time_counts_as_the_last),
        CASE(rounds_that_are_skipped_were_only_saving),
    };
    return cmocka_run_group_tests_name("protection: edges of counting", tests, NULL, NULL);
}
