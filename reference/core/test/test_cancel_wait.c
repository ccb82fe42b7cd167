/* test_cancel_wait.c - waiting for a cancel token: who wakes whom, and which of two deadlines ends a sleep.
 */
/* link: -Wl,--wrap=pthread_cond_wait,--wrap=pthread_cond_timedwait */
#include "../cancel_inside.h" /* who sleeps */

#include "sleep_test.h"

static struct pool_cancel *token_make(struct pool_cancel *parent, uint64_t deadline,
                                      const struct pool_clock *clock)
{
    struct pool_cancel *token;
    struct pool_cancel_options options = {.parent = parent, .deadline = deadline, .clock = clock};
    assert_status(pool_cancel_create(&token, &options), POOL_OK);
    return token;
}

struct wait {
    struct pool_cancel *token;
    const struct timespec *deadline;
};

static void *wait_for_it(void *arg)
{
    struct wait *wait = arg;
    return (void *)(intptr_t)pool_cancel_wait(wait->token, wait->deadline);
}

static void await_sleepers(struct pool_cancel *token, size_t count)
{
    for (bool there = false; !there; sched_yield()) {
        lock_take(&token->family->lock);
        there = token->cancelled.waiting == count;
        lock_drop(&token->family->lock);
    }
}

static void a_waiter_hears_of_it(void **state)
{
    (void)state;
    for (int round = 0; round < 100; round++) {
        struct timespec later = moment_after(3600 * 1000);
        struct pool_cancel *root = token_make(NULL, 0, NULL), *child = token_make(root, 0, NULL);
        struct wait on_child = {child, NULL}, on_root = {root, &later};
        pthread_t one = thread_start(wait_for_it, &on_child), two = thread_start(wait_for_it, &on_root);
        if (round % 2) {
            await_sleepers(child, 1);
            await_sleepers(root, 1);
        }
        assert_status(pool_cancel_now(root, POOL_CANCELLED), POOL_OK);
        assert_status((enum pool_status)(intptr_t)thread_join(one), POOL_OK);
        assert_status((enum pool_status)(intptr_t)thread_join(two), POOL_OK);
        pool_cancel_unref(child);
        pool_cancel_unref(root);
    }
}

static void a_wait_ends_at_its_deadline(void **state)
{
    (void)state;
    struct timespec past = moment_after(-1000), soon = moment_after(2);
    struct pool_cancel *token = token_make(NULL, 0, NULL);
    assert_status(pool_cancel_wait(token, &past), POOL_TIMED_OUT);
    assert_status(pool_cancel_wait(token, &soon), POOL_TIMED_OUT);
    assert_true(moment_has_passed(soon));
    assert_status(pool_cancel_now(token, POOL_CANCELLED), POOL_OK);
    assert_status(pool_cancel_wait(token, &past), POOL_OK);
    assert_status(pool_cancel_wait(token, NULL), POOL_OK);
    pool_cancel_unref(token);
}

static void a_wait_ends_at_the_tokens_deadline(void **state)
{
    (void)state;
    struct timespec later = moment_after(3600 * 1000), past = moment_after(-1000);
    uint64_t soon = pool_clock_now(NULL) + 2 * POOL_MILLISECOND;
    struct pool_cancel *token = token_make(NULL, soon, NULL), *other = token_make(NULL, soon, NULL);
    struct pool_cancel *far = token_make(NULL, UINT64_MAX - 1, NULL);
    assert_status(pool_cancel_wait(token, &later), POOL_OK);
    assert_true(pool_clock_now(NULL) >= soon);
    assert_status(pool_cancel_check(token), POOL_TIMED_OUT);
    assert_status(pool_cancel_wait(other, NULL), POOL_OK);
    assert_status(pool_cancel_wait(far, &past), POOL_TIMED_OUT);
    assert_status(pool_cancel_check(far), POOL_OK);
    pool_cancel_unref(token);
    pool_cancel_unref(other);
    pool_cancel_unref(far);
}

/* A clock of the user's own: its deadline cannot wake a sleeper, the check of whoever moved it does. */
static void a_check_wakes_who_waits_by_another_clock(void **state)
{
    (void)state;
    _Atomic uint64_t now = 0;
    struct pool_clock clock = {.now = hand_clock_now, .context = &now}, unset = {.now = NULL};
    struct timespec soon = moment_after(2);
    struct pool_cancel *token = token_make(NULL, 1, &clock);
    struct wait wait = {token, NULL};
    assert_status(pool_cancel_wait(token, &soon), POOL_TIMED_OUT); /* not at 1 ns of the system's */
    pthread_t waiter = thread_start(wait_for_it, &wait);
    await_sleepers(token, 1);
    now = 1;
    assert_status(pool_cancel_check(token), POOL_TIMED_OUT);
    assert_status((enum pool_status)(intptr_t)thread_join(waiter), POOL_OK);
    pool_cancel_unref(token);
    token = token_make(NULL, pool_clock_now(NULL) + 5 * POOL_MILLISECOND, &unset);
    assert_status(pool_cancel_wait(token, NULL), POOL_OK); /* a clock that is none: the system's */
    pool_cancel_unref(token);
}

static void cancel(void *token)
{
    pool_cancel_now(token, POOL_FAILED);
}

static void what_is_cancelled_at_the_last_moment_counts(void **state)
{
    (void)state;
    struct timespec soon = moment_after(1);
    struct pool_cancel *token = token_make(NULL, 0, NULL);
    sleeps_end(1, ETIMEDOUT, cancel, token);
    assert_status(pool_cancel_wait(token, &soon), POOL_OK);
    pool_cancel_unref(token);
}

static void a_wait_that_wakes_for_no_reason_goes_on(void **state)
{
    (void)state;
    struct timespec soon = moment_after(2);
    struct pool_cancel *token = token_make(NULL, 0, NULL);
    sleeps_end(3, 0, NULL, NULL);
    assert_status(pool_cancel_wait(token, &soon), POOL_TIMED_OUT);
    assert_int_equal(sleeps.times, 0);
    assert_true(moment_has_passed(soon));
    pool_cancel_unref(token);
}

/* The nearer of two moments within one second ends the sleep. */
static void the_sooner_deadline_counts_to_the_nanosecond(void **state)
{
    (void)state;
    struct timespec deadline = {.tv_sec = moment_after(3600 * 1000).tv_sec, .tv_nsec = 1};
    struct pool_cancel *token = token_make(NULL, (uint64_t)deadline.tv_sec * POOL_SECOND + 2, NULL);
    sleeps_end(1, ETIMEDOUT, NULL, NULL);
    assert_status(pool_cancel_wait(token, &deadline), POOL_TIMED_OUT);
    pool_cancel_unref(token);
}

static void detach(void *token)
{
    pool_cancel_detach(token);
}

/* The sleep ends at the deadline that the token had from its parent, and it has none any more. */
static void who_is_detached_meanwhile_waits_on(void **state)
{
    (void)state;
    struct timespec soon = moment_after(3600 * 1000);
    struct pool_cancel *parent = token_make(NULL, pool_clock_now(NULL) + 60 * POOL_SECOND, NULL);
    struct pool_cancel *child = token_make(parent, 0, NULL);
    sleeps_end(2, ETIMEDOUT, detach,
               child); /* the first at the minute of the parent, the second at the hour */
    assert_status(pool_cancel_wait(child, &soon), POOL_TIMED_OUT);
    assert_int_equal(sleeps.times, 0);
    assert_status(pool_cancel_check(child), POOL_OK);
    pool_cancel_unref(parent);
    pool_cancel_unref(child);
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        CASE(a_waiter_hears_of_it),
        CASE(a_wait_ends_at_its_deadline),
        CASE(a_wait_ends_at_the_tokens_deadline),
        CASE(a_check_wakes_who_waits_by_another_clock),
        CASE(what_is_cancelled_at_the_last_moment_counts),
        CASE(a_wait_that_wakes_for_no_reason_goes_on),
        CASE(the_sooner_deadline_counts_to_the_nanosecond),
        CASE(who_is_detached_meanwhile_waits_on),
    };
    return cmocka_run_group_tests_name("core: cancel, waiting", cases, NULL, NULL);
}
