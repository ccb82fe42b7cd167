/* test_timers_callbacks.c - polled timers that are taken back, and what a callback may do to them; the end.
 *
 * Not here: threads (test_timers_thread.c).
 */
/* link: -Wl,--wrap=malloc,--wrap=aligned_alloc,--wrap=free,--wrap=pthread_create */
#include "timers_test.h"

/* --- taking back ---------------------------------------------------------------------------------------- */

static void who_is_cancelled_does_not_run(void **state)
{
    (void)state;
    struct stage stage;
    struct noting a, b;
    stage_set(&stage);
    add(&stage, &a, 'a', 1, 0, note);
    add(&stage, &b, 'b', 2, 0, note);
    assert_status(pool_timers_add(stage.timers, &a.timer, 9, 0, note, &a), POOL_ALREADY);
    assert_status(pool_timers_cancel(stage.timers, &a.timer), POOL_OK);
    assert_status(pool_timers_cancel(stage.timers, &a.timer), POOL_ALREADY);
    assert_int_equal(poll_at(&stage, 5), 1);
    assert_string_equal(stage.notes, "b");
    assert_status(pool_timers_cancel(stage.timers, &b.timer), POOL_ALREADY);
    stage_clear(&stage);
}

static void note_and_cancel_other(void *arg, const struct pool_tick *tick)
{
    struct noting *noting = arg;
    note(arg, tick);
    noting->answer = pool_timers_cancel(noting->stage->timers, &noting->other->timer);
}

static void a_callback_may_cancel_itself_and_others(void **state)
{
    (void)state;
    struct stage stage;
    struct noting a, b;
    stage_set(&stage);
    add(&stage, &a, 'a', 1, 1, note_and_cancel_other);
    a.other = &a;
    assert_int_equal(poll_at(&stage, 1), 1);
    assert_status(a.answer, POOL_OK); /* the next call will not come */
    assert_int_equal(poll_at(&stage, 5), 0);
    assert_status(pool_timers_cancel(stage.timers, &a.timer), POOL_ALREADY);
    add(&stage, &a, 'c', 6, 0, note_and_cancel_other);
    add(&stage, &b, 'd', 6, 0, note);
    a.other = &b;
    assert_int_equal(poll_at(&stage, 6), 1); /* b was due and next */
    assert_status(a.answer, POOL_OK);
    add(&stage, &a, 'e', 7, 0, note_and_cancel_other);
    a.other = &a;
    assert_int_equal(poll_at(&stage, 7), 1);
    assert_status(a.answer, POOL_ALREADY); /* once: there was none to come */
    assert_string_equal(stage.notes, "ace");
    stage_clear(&stage);
}

static void cancel_and_free(void *arg, const struct pool_tick *tick)
{
    struct noting *noting = arg;
    note(arg, tick);
    if (noting->timer.period > 0)
        pool_timers_cancel(noting->stage->timers, &noting->timer);
    free(noting);
}

static void a_callback_may_free_its_timer(void **state)
{
    (void)state;
    struct stage stage;
    int held = faults.blocks_held;
    stage_set(&stage);
    for (uint64_t period = 0; period < 2; period++) {
        struct noting *noting = malloc(sizeof *noting);
        add(&stage, noting, 'a', 1, period, cancel_and_free);
    }
    assert_int_equal(poll_at(&stage, 1), 2);
    assert_int_equal(poll_at(&stage, 9), 0);
    assert_string_equal(stage.notes, "aa");
    stage_clear(&stage);
    assert_int_equal(faults.blocks_held, held);
}

/* Adds itself again, for a moment that has passed: that is for the next poll, or a poll might never end. */
static void note_and_add_again(void *arg, const struct pool_tick *tick)
{
    struct noting *noting = arg;
    note(arg, tick);
    noting->answer = pool_timers_add(noting->stage->timers, &noting->timer, 0, 0, note_and_add_again, arg);
}

static void a_callback_may_add_itself_again(void **state)
{
    (void)state;
    struct stage stage;
    struct noting a, b;
    uint64_t next;
    stage_set(&stage);
    add(&stage, &a, 'a', 1, 0, note_and_add_again);
    add(&stage, &b, 'b', 2, 0, note);
    assert_int_equal(poll_at(&stage, 3), 2);
    assert_status(a.answer, POOL_OK);
    assert_string_equal(stage.notes, "ab"); /* b was not pushed aside */
    assert_int_equal(pool_timers_poll(stage.timers, &next), 1);
    assert_int_equal(next, 3);
    assert_string_equal(stage.notes, "aba");
    stage_clear(&stage); /* with one that waits */
    assert_int_equal(a.timer.place, 0);
}

static void note_and_change_period(void *arg, const struct pool_tick *tick)
{
    struct noting *noting = arg;
    note(arg, tick);
    noting->answer = pool_timers_add(noting->stage->timers, &noting->timer, tick->now + 100, 50, note, arg);
}

static void a_callback_may_change_its_period(void **state)
{
    (void)state;
    struct stage stage;
    struct noting a;
    stage_set(&stage);
    add(&stage, &a, 'a', 10, 10, note_and_change_period);
    assert_int_equal(poll_at(&stage, 10), 1);
    assert_status(a.answer, POOL_OK);
    assert_int_equal(pool_timers_count(stage.timers), 1); /* not put back as well */
    assert_int_equal(poll_at(&stage, 109), 0);
    assert_int_equal(poll_at(&stage, 110), 1);
    assert_int_equal(poll_at(&stage, 160), 1);
    assert_tick(&stage, 160, 160, 0);
    stage_clear(&stage);
}

/* --- the end, and from inside --------------------------------------------------------------------------- */

static void note_and_stop(void *arg, const struct pool_tick *tick)
{
    struct noting *noting = arg;
    note(arg, tick);
    noting->answer = pool_timers_stop(noting->stage->timers);
    if (noting->other)
        pool_timers_poll(noting->stage->timers, NULL); /* one inside the other */
}

static void inside_a_stop_would_wait_for_itself(void **state)
{
    (void)state;
    struct stage stage;
    struct noting a, b;
    stage_set(&stage);
    add(&stage, &a, 'a', 1, 0, note_and_stop);
    add(&stage, &b, 'b', 1, 0, note_and_stop);
    a.other = &b;
    assert_int_equal(poll_at(&stage, 1), 1);
    assert_status(a.answer, POOL_WOULD_DEADLOCK);
    assert_status(b.answer, POOL_WOULD_DEADLOCK);
    assert_string_equal(stage.notes, "ab");
    stage_clear(&stage);
}

static void after_stop_nothing_runs(void **state)
{
    (void)state;
    struct stage stage;
    struct noting a, b;
    uint64_t next = 0;
    stage_set(&stage);
    add(&stage, &a, 'a', 1, 1, note);
    add(&stage, &b, 'b', 2, 0, note);
    assert_status(pool_timers_stop(stage.timers), POOL_OK);
    assert_status(pool_timers_stop(stage.timers), POOL_OK);
    atomic_store(&stage.now, 10);
    assert_int_equal(pool_timers_poll(stage.timers, &next), 0);
    assert_true(next == UINT64_MAX);
    assert_int_equal(pool_timers_count(stage.timers), 0);
    assert_status(pool_timers_cancel(stage.timers, &a.timer), POOL_ALREADY);
    assert_status(pool_timers_add(stage.timers, &b.timer, 20, 0, note, &b), POOL_STOPPED);
    stage_clear(&stage);
    assert_string_equal(stage.notes, "");
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        CASE(who_is_cancelled_does_not_run),    CASE(a_callback_may_cancel_itself_and_others),
        CASE(a_callback_may_free_its_timer),    CASE(a_callback_may_add_itself_again),
        CASE(a_callback_may_change_its_period), CASE(inside_a_stop_would_wait_for_itself),
        CASE(after_stop_nothing_runs),
    };
    return cmocka_run_group_tests_name("core: timers, callbacks", cases, NULL, NULL);
}
