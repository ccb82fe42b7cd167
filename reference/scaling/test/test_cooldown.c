/* test_cooldown.c - who waits for whom, and how long. */
#include "scaling_test.h"
#include "cooldown.h"

#define S POOL_SECOND

static void the_first_move_is_free(void **state)
{
    struct pool_cooldown cooldown;
    (void)state;
    pool_cooldown_init(&cooldown, 2 * S, 30 * S);
    assert_true(pool_cooldown_allows(&cooldown, POOL_GROW, 0));
    assert_true(pool_cooldown_allows(&cooldown, POOL_SHRINK, 0));
}

static void growth_waits_for_growth_alone(void **state)
{
    struct pool_cooldown cooldown;
    (void)state;
    pool_cooldown_init(&cooldown, 2 * S, 30 * S);
    pool_cooldown_moved(&cooldown, POOL_GROW, 10 * S);
    assert_false(pool_cooldown_allows(&cooldown, POOL_GROW, 10 * S));
    assert_false(pool_cooldown_allows(&cooldown, POOL_GROW, 12 * S - 1));
    assert_true(pool_cooldown_allows(&cooldown, POOL_GROW, 12 * S));
    pool_cooldown_moved(&cooldown, POOL_SHRINK, 12 * S);
    assert_true(pool_cooldown_allows(&cooldown, POOL_GROW, 12 * S));
}

static void a_shrink_waits_for_both(void **state)
{
    struct pool_cooldown cooldown;
    (void)state;
    pool_cooldown_init(&cooldown, 2 * S, 30 * S);
    pool_cooldown_moved(&cooldown, POOL_GROW, 10 * S);
    assert_false(pool_cooldown_allows(&cooldown, POOL_SHRINK, 40 * S - 1));
    assert_true(pool_cooldown_allows(&cooldown, POOL_SHRINK, 40 * S));
    pool_cooldown_moved(&cooldown, POOL_SHRINK, 40 * S);
    assert_false(pool_cooldown_allows(&cooldown, POOL_SHRINK, 70 * S - 1));
    assert_true(pool_cooldown_allows(&cooldown, POOL_SHRINK, 70 * S));
}

static void zero_is_no_wait_and_huge_is_for_ever(void **state)
{
    struct pool_cooldown cooldown;
    (void)state;
    pool_cooldown_init(&cooldown, 0, UINT64_MAX);
    pool_cooldown_moved(&cooldown, POOL_GROW, 10);
    assert_true(pool_cooldown_allows(&cooldown, POOL_GROW, 10));
    assert_false(pool_cooldown_allows(&cooldown, POOL_SHRINK, UINT64_MAX));
}

static void time_that_goes_back_stands(void **state)
{
    struct pool_cooldown cooldown;
    (void)state;
    pool_cooldown_init(&cooldown, 2 * S, 2 * S);
    pool_cooldown_moved(&cooldown, POOL_GROW, 10 * S);
    assert_false(pool_cooldown_allows(&cooldown, POOL_GROW, 5 * S));
    pool_cooldown_moved(&cooldown, POOL_GROW, 5 * S); /* must not open it earlier */
    assert_false(pool_cooldown_allows(&cooldown, POOL_GROW, 12 * S - 1));
    assert_true(pool_cooldown_allows(&cooldown, POOL_GROW, 12 * S));
}

/* However wild the wish, so many moves and no more. */
static void moves_a_minute_are_bounded(void **state)
{
    struct pool_cooldown cooldown;
    uint64_t random = 5;
    int moves = 0;
    (void)state;
    pool_cooldown_init(&cooldown, 3 * S, 30 * S);
    for (uint64_t now = 0; now < 600 * S; now += S / 10) {
        enum pool_direction wish = random_next(&random) & 1 ? POOL_GROW : POOL_SHRINK;
        if (pool_cooldown_allows(&cooldown, wish, now)) {
            pool_cooldown_moved(&cooldown, wish, now);
            moves++;
        }
    }
    assert_true(moves > 100);
    assert_true(moves <= 10 * (60 / 3 + 60 / 30) + 2);
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        CASE(the_first_move_is_free),     CASE(growth_waits_for_growth_alone),
        CASE(a_shrink_waits_for_both),    CASE(zero_is_no_wait_and_huge_is_for_ever),
        CASE(time_that_goes_back_stands), CASE(moves_a_minute_are_bounded),
    };
    return cmocka_run_group_tests_name("scaling: cooldown", cases, NULL, NULL);
}
