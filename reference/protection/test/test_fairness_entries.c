/* test_fairness_entries.c - which tenants are known: forgotten when idle, never while in use (I39). */
#include "fairness.h"
#include "protection_test.h"

static struct pool_fairness_options usual(struct test_clock *time)
{
    test_clock_init(time);
    return (struct pool_fairness_options){.pick = POOL_FAIRNESS_ROUND_ROBIN,
                                          .tenants = 4,
                                          .items = 40,
                                          .per_tenant = 20,
                                          .running = 100,
                                          .idle = POOL_SECOND,
                                          .clock = &time->clock};
}

static struct pool_fairness *make(const struct pool_fairness_options *options)
{
    struct pool_fairness *fair;
    assert_status(pool_fairness_create(&fair, options), POOL_OK);
    return fair;
}

/* The item is its number. */
static void put(struct pool_fairness *fair, uint64_t tenant, uint64_t cost, uintptr_t item)
{
    assert_status(pool_fairness_put(fair, tenant, cost, (void *)item), POOL_OK);
}

static struct pool_fairness_job take(struct pool_fairness *fair)
{
    struct pool_fairness_job job;
    assert_status(pool_fairness_take(fair, &job, NULL), POOL_OK);
    return job;
}

/* --- entries -------------------------------------------------------------------------------------------- */

static void finish_one(struct pool_fairness *fair, uint64_t tenant)
{
    put(fair, tenant, 1, 0);
    struct pool_fairness_job job = take(fair);
    assert_status(pool_fairness_done(fair, &job), POOL_OK);
}

static size_t known(struct pool_fairness *fair)
{
    return pool_fairness_counts(fair).tenants;
}

static void idle_tenants_are_forgotten_as_others_come(void **state)
{
    (void)state;
    struct test_clock time;
    struct pool_fairness_options options = usual(&time);
    struct pool_fairness *fair = make(&options);
    finish_one(fair, 1);
    pass_time(&time, POOL_SECOND / 2);
    finish_one(fair, 2);
    finish_one(fair, 1); /* idle since now */
    pass_time(&time, POOL_SECOND / 2);
    finish_one(fair, 3);
    assert_int_equal(known(fair), 3); /* nobody has been idle for a second */
    pass_time(&time, POOL_SECOND / 2);
    finish_one(fair, 4);
    assert_int_equal(known(fair), 2);
    assert_int_equal(pool_fairness_tenant(fair, 1).tenants, 0);
    assert_int_equal(pool_fairness_tenant(fair, 3).done, 1);
    assert_int_equal(pool_fairness_counts(fair).forgotten, 2);
    pool_fairness_destroy(fair);
}

static void a_place_that_is_needed_is_made_by_the_longest_idle(void **state)
{
    (void)state;
    struct test_clock time;
    struct pool_fairness_options options = usual(&time);
    struct pool_fairness *fair = make(&options);
    for (uint64_t tenant = 1; tenant <= 4; tenant++)
        finish_one(fair, tenant);
    finish_one(fair, 5);
    assert_int_equal(known(fair), 4);
    assert_int_equal(pool_fairness_tenant(fair, 1).tenants, 0);
    assert_int_equal(pool_fairness_tenant(fair, 2).tenants, 1);
    pool_fairness_destroy(fair);
}

static void none_is_forgotten_that_is_queued_running_or_pinned(void **state)
{
    (void)state;
    struct test_clock time;
    struct pool_fairness_options options = usual(&time);
    struct pool_fairness *fair = make(&options);
    put(fair, 1, 1, 0);
    struct pool_fairness_job job = take(fair);
    assert_status(pool_fairness_pin(fair, 2, 7), POOL_OK);
    put(fair, 3, 1, 0);
    for (uint64_t tenant = 10; tenant < 30; tenant++) {
        pass_time(&time, 10 * POOL_SECOND);
        assert_status(pool_fairness_pin(fair, tenant, 1), POOL_OK); /* comes and goes with nothing queued */
        assert_status(pool_fairness_unpin(fair, tenant), POOL_OK);
    }
    assert_int_equal(known(fair), 4);
    assert_int_equal(pool_fairness_tenant(fair, 1).running, 1);
    assert_int_equal(pool_fairness_tenant(fair, 2).tenants, 1);
    assert_int_equal(pool_fairness_tenant(fair, 3).queued, 1);
    assert_status(pool_fairness_done(fair, &job), POOL_OK);
    assert_status(pool_fairness_unpin(fair, 2), POOL_OK);
    assert_status(pool_fairness_unpin(fair, 2), POOL_INVALID);
    assert_status(pool_fairness_unpin(fair, 77), POOL_INVALID);
    pool_fairness_destroy(fair);
}

/* I39: 100,000 tenants, 100 of them at a time, 10 of which are new each second; idle for 2 s. */
static void the_table_forgets_as_fast_as_it_learns(void **state)
{
    (void)state;
    struct test_clock time;
    struct pool_fairness_options options = usual(&time);
    options.tenants = 1000;
    options.idle = 2 * POOL_SECOND;
    struct pool_fairness *fair = make(&options);
    for (uint64_t tenant = 0; tenant < 100000; tenant++) {
        finish_one(fair, tenant);
        pass_time(&time, POOL_SECOND / 10);
        assert_true(known(fair) <= 100 + 20 + 1);
    }
    assert_in_range(pool_fairness_counts(fair).forgotten, 99900, 99999);
    pool_fairness_destroy(fair);
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        CASE(idle_tenants_are_forgotten_as_others_come),
        CASE(a_place_that_is_needed_is_made_by_the_longest_idle),
        CASE(none_is_forgotten_that_is_queued_running_or_pinned),
        CASE(the_table_forgets_as_fast_as_it_learns),
    };
    return cmocka_run_group_tests_name("protection: fairness entries", cases, NULL, NULL);
}
