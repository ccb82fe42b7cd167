/* test_controller.c - ticks, cooldowns, bounds, the hand, failing samples, refused resizes, the log, and no
 * memory. */
/* link: -Wl,--wrap=calloc */
#include "controller_rig.h"

/* The wrapper has no argument for this, so it has to be global. */
static int refuse_memory;

void *__real_calloc(size_t count, size_t size);
void *__wrap_calloc(size_t count, size_t size)
{
    return refuse_memory ? NULL : __real_calloc(count, size);
}

/* --- deciding ------------------------------------------------------------------------------------------ */

static void a_wish_is_carried_out_inside_the_bounds(void **state)
{
    struct rig rig;
    (void)state;
    rig_make(&rig);
    assert_int_equal(tick(&rig, 10), 10);
    assert_int_equal(rig.resizes, 0); /* the same size is no resize */
    assert_int_equal(tick(&rig, 20), 20);
    assert_int_equal(tick(&rig, 1000), 64);
    assert_int_equal(tick(&rig, 1000), 64);
    assert_int_equal(tick(&rig, 1), 4);
    assert_int_equal(tick(&rig, 0), 4);
    assert_int_equal(rig.resizes, 3);
    assert_int_equal(rig.least, 4);
    assert_int_equal(rig.most, 64);
    struct pool_controller_state now = pool_controller_state(rig.controller);
    assert_int_equal(now.ticks, 6);
    assert_int_equal(now.decisions, 6);
    assert_int_equal(now.grew, 2);
    assert_int_equal(now.shrank, 1);
    assert_true(now.decided == pool_clock_now(&rig.hand.clock));
    rig_release(&rig);
}

static void the_decider_sees_the_size_the_time_and_smoothed_signals(void **state)
{
    struct rig rig;
    (void)state;
    rig_prepare(&rig);
    rig.options.smoothing = pool_ewma_tau(0.25, S / 10);
    rig_create(&rig);
    tick(&rig, 12);
    assert_int_equal(rig.seen.workers, 10);
    assert_true(rig.seen.at == pool_clock_now(&rig.hand.clock));
    assert_int_equal(rig.seen.downstream, POOL_DOWNSTREAM_TRYING);
    rig.value = 1;
    tick(&rig, 12);
    assert_int_equal(rig.seen.workers, 12);
    for (int i = 0; i < POOL_SIGNALS; i++)
        assert_near(rig.seen.value[i], 0.25, 1e-6);
    rig_release(&rig);
}

static void cooldowns_hold_wishes_back(void **state)
{
    struct rig rig;
    (void)state;
    rig_prepare(&rig);
    rig.options.up = 2 * S;
    rig.options.down = 30 * S;
    rig_create(&rig);
    assert_int_equal(tick(&rig, 20), 20);
    for (int i = 0; i < 19; i++)
        assert_int_equal(tick(&rig, 30), 20);
    assert_int_equal(tick(&rig, 30), 30); /* 2 s later */
    for (int i = 0; i < 299; i++)
        assert_int_equal(tick(&rig, 10), 30);
    assert_int_equal(tick(&rig, 10), 10);
    assert_int_equal(tick(&rig, 20), 20); /* growth does not wait for a shrink */
    assert_int_equal(pool_controller_state(rig.controller).cooled, 19 + 299);
    rig_release(&rig);
}

/* --- bounds and the hand ------------------------------------------------------------------------------- */

static void the_hand_comes_first(void **state)
{
    struct rig rig;
    (void)state;
    rig_prepare(&rig);
    rig.options.up = rig.options.down = 100 * S;
    rig_create(&rig);
    tick(&rig, 20);
    hand_clock_turn(&rig.hand, 60 * S);
    assert_int_equal(pool_controller_hold(rig.controller, 50), POOL_OK);
    assert_int_equal(rig.size, 20); /* from the next tick on */
    assert_int_equal(tick(&rig, 5), 50);
    assert_int_equal(last_event(&rig).reason, POOL_SCALE_HELD);
    assert_int_equal(pool_controller_state(rig.controller).held, 50);
    assert_int_equal(pool_controller_hold(rig.controller, 65), POOL_INVALID);
    assert_int_equal(pool_controller_hold(rig.controller, 3), POOL_INVALID);
    assert_int_equal(pool_controller_hold(rig.controller, 0), POOL_INVALID);
    assert_int_equal(tick(&rig, 5), 50);
    assert_int_equal(pool_controller_let_go(rig.controller), POOL_OK);
    assert_int_equal(pool_controller_let_go(rig.controller), POOL_OK); /* twice is fine */
    hand_clock_turn(&rig.hand, 50 * S);
    assert_int_equal(tick(&rig, 5), 50); /* the cooldown counts from the hand's move */
    hand_clock_turn(&rig.hand, 60 * S);
    assert_int_equal(tick(&rig, 5), 5);
    rig_release(&rig);
}

static void new_bounds_win_over_all(void **state)
{
    struct rig rig;
    (void)state;
    rig_prepare(&rig);
    rig.options.up = rig.options.down = 100 * S;
    rig_create(&rig);
    tick(&rig, 40);
    assert_int_equal(pool_controller_set_bounds(rig.controller, 2, 16), POOL_OK);
    assert_int_equal(tick(&rig, 40), 16); /* without a cooldown */
    assert_int_equal(last_event(&rig).reason, POOL_SCALE_BOUNDS);
    assert_int_equal(pool_controller_hold(rig.controller, 3), POOL_OK);
    assert_int_equal(pool_controller_set_bounds(rig.controller, 6, 6), POOL_OK);
    assert_int_equal(tick(&rig, 40), 6); /* held 3, but the floor is 6 */
    assert_int_equal(pool_controller_set_bounds(rig.controller, 0, 6), POOL_INVALID);
    assert_int_equal(pool_controller_set_bounds(rig.controller, 7, 6), POOL_INVALID);
    struct pool_controller_state now = pool_controller_state(rig.controller);
    assert_int_equal(now.floor, 6);
    assert_int_equal(now.ceiling, 6);
    rig_release(&rig);
}

/* --- failures ------------------------------------------------------------------------------------------ */

static void a_failed_sample_is_survived(void **state)
{
    struct rig rig;
    (void)state;
    rig_make(&rig);
    tick(&rig, 20);
    uint64_t heartbeat = pool_controller_state(rig.controller).decided;
    for (int i = 0; i < 3; i++) {
        hand_clock_turn(&rig.hand, S);
        rig.answer = i == 1 ? POOL_OK : POOL_FAILED;
        rig.value = i == 1 ? 0.0 / 0.0 : 0; /* a division by a count of zero is a failure, too */
        assert_int_equal(pool_controller_tick(rig.controller), POOL_FAILED);
        assert_int_equal(pool_controller_state(rig.controller).failures, i + 1);
    }
    assert_true(pool_controller_state(rig.controller).decided == heartbeat);
    assert_int_equal(last_event(&rig).reason, POOL_SCALE_SAMPLE_FAILED); /* one line for the row */
    assert_int_equal(last_event(&rig).number, 2);
    rig.answer = POOL_OK;
    rig.value = 0;
    assert_int_equal(tick(&rig, 30), 30); /* and decides again at once (I26) */
    struct pool_controller_state now = pool_controller_state(rig.controller);
    assert_int_equal(now.failures, 0);
    assert_int_equal(now.failed, 3);
    assert_int_equal(now.decisions, 2);
    rig_release(&rig);
}

static void after_too_many_it_falls_back(void **state)
{
    struct rig rig;
    (void)state;
    rig_prepare(&rig);
    rig.options.patience = 3;
    rig.options.fallback = 32;
    rig.options.up = rig.options.down = 1000 * S;
    rig_create(&rig);
    tick(&rig, 11);
    rig.answer = POOL_FAILED;
    for (int i = 0; i < 5; i++) {
        assert_int_equal(pool_controller_tick(rig.controller), POOL_FAILED);
        assert_int_equal(rig.size, i < 2 ? 11 : 32);
    }
    assert_int_equal(last_event(&rig).reason, POOL_SCALE_FALLBACK);
    assert_int_equal(pool_controller_hold(rig.controller, 40), POOL_OK); /* the hand works without samples */
    assert_int_equal(pool_controller_tick(rig.controller), POOL_FAILED);
    assert_int_equal(rig.size, 40);
    assert_int_equal(pool_controller_let_go(rig.controller), POOL_OK);
    assert_int_equal(pool_controller_set_bounds(rig.controller, 4, 20), POOL_OK); /* and so do bounds */
    assert_int_equal(pool_controller_tick(rig.controller), POOL_FAILED);
    assert_int_equal(rig.size, 20);
    rig_release(&rig);
}

static void a_refused_resize_is_booked_as_it_is(void **state)
{
    struct rig rig;
    (void)state;
    rig_prepare(&rig);
    rig.options.up = 5 * S;
    rig_create(&rig);
    rig.grants = 15;
    assert_int_equal(tick(&rig, 30), 15);
    struct pool_scale_event event = last_event(&rig);
    assert_int_equal(event.from, 10);
    assert_int_equal(event.wanted, 30);
    assert_int_equal(event.to, 15);
    assert_int_equal(event.reason, POOL_SCALE_DECIDED);
    assert_int_equal(tick(&rig, 30), 15);
    assert_int_equal(rig.resizes, 1); /* not asked again at every tick */
    hand_clock_turn(&rig.hand, 5 * S);
    rig.grants = 0; /* an answer that is no size is taken as the nearest */
    rig.wish = 30;
    assert_int_equal(pool_controller_tick(rig.controller), POOL_OK);
    assert_int_equal(pool_controller_state(rig.controller).size, 4);
    assert_int_equal(pool_controller_state(rig.controller).refused, 2);
    assert_int_equal(pool_controller_state(rig.controller).shrank, 1);
    rig_release(&rig);
}

/* --- the log ------------------------------------------------------------------------------------------- */

static void the_log_keeps_the_newest(void **state)
{
    struct pool_scale_event events[20];
    struct rig rig;
    (void)state;
    rig_make(&rig);
    assert_int_equal(pool_controller_events(rig.controller, 0, events, 20), 0);
    for (unsigned i = 1; i <= 5; i++)
        tick(&rig, 10 + i);
    assert_int_equal(pool_controller_events(rig.controller, 0, events, 20), 5);
    assert_int_equal(events[0].number, 1);
    assert_int_equal(events[4].to, 15);
    assert_true(events[4].at > events[3].at);
    assert_int_equal(pool_controller_events(rig.controller, 4, events, 20), 2);
    assert_int_equal(events[0].number, 4);
    assert_int_equal(pool_controller_events(rig.controller, 2, events, 1), 1);
    assert_int_equal(events[0].number, 2);
    for (unsigned i = 6; i <= 20; i++)
        tick(&rig, 10 + i);
    assert_int_equal(pool_controller_events(rig.controller, 6, events, 20), 8); /* room for eight */
    assert_int_equal(events[0].number, 13); /* the gap from 6 tells what was lost */
    assert_int_equal(events[7].number, 20);
    assert_int_equal(pool_controller_events(rig.controller, 21, events, 20), 0);
    assert_int_equal(pool_controller_events(rig.controller, UINT64_MAX, events, 20), 0);
    assert_int_equal(pool_controller_events(rig.controller, 0, NULL, 20), 0);
    assert_int_equal(pool_controller_events(NULL, 0, events, 20), 0);
    rig_release(&rig);
}

static void reasons_have_texts(void **state)
{
    (void)state;
    assert_string_equal(pool_scale_reason_text(POOL_SCALE_DECIDED), "the decider wanted it");
    assert_string_equal(pool_scale_reason_text(POOL_SCALE_SAMPLE_FAILED), "a sample failed");
    assert_string_equal(pool_scale_reason_text((enum pool_scale_reason)99), "unknown reason");
}

/* --- create -------------------------------------------------------------------------------------------- */

static void options_are_looked_at(void **state)
{
    struct rig rig;
    (void)state;
    rig_prepare(&rig);
    const struct pool_controller_options good = rig.options;
    struct pool_controller_options bad[10];
    for (int i = 0; i < 10; i++)
        bad[i] = good;
    bad[0].floor = 0;
    bad[1].ceiling = 3;
    bad[2].initial = 65;
    bad[3].initial = 0;
    bad[4].decider.decide = NULL;
    bad[5].sample = NULL;
    bad[6].resize = NULL;
    bad[7].log = 0;
    bad[8].log = POOL_CONTROLLER_MOST_EVENTS + 1;
    bad[9].patience = 1; /* with a fallback of 0 */
    for (int i = 0; i < 10; i++) {
        rig.controller = (struct pool_controller *)&rig;
        assert_int_equal(pool_controller_create(&rig.controller, &bad[i]), POOL_INVALID);
        assert_null(rig.controller);
    }
    assert_int_equal(pool_controller_create(NULL, &good), POOL_INVALID);
    assert_int_equal(pool_controller_create(&rig.controller, NULL), POOL_INVALID);
    refuse_memory = 1;
    rig.controller = (struct pool_controller *)&rig;
    assert_int_equal(pool_controller_create(&rig.controller, &good), POOL_NO_MEMORY);
    refuse_memory = 0;
    assert_null(rig.controller);
    rig.options.clock = NULL; /* the system's */
    rig_create(&rig);
    assert_int_equal(pool_controller_tick(rig.controller), POOL_OK);
    rig_release(&rig);
}

static void null_is_told(void **state)
{
    (void)state;
    assert_int_equal(pool_controller_tick(NULL), POOL_INVALID);
    assert_int_equal(pool_controller_hold(NULL, 1), POOL_INVALID);
    assert_int_equal(pool_controller_let_go(NULL), POOL_INVALID);
    assert_int_equal(pool_controller_set_bounds(NULL, 1, 2), POOL_INVALID);
    assert_int_equal(pool_controller_state(NULL).ticks, 0);
    pool_controller_destroy(NULL);
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        CASE(a_wish_is_carried_out_inside_the_bounds),
        CASE(the_decider_sees_the_size_the_time_and_smoothed_signals),
        CASE(cooldowns_hold_wishes_back),
        CASE(the_hand_comes_first),
        CASE(new_bounds_win_over_all),
        CASE(a_failed_sample_is_survived),
        CASE(after_too_many_it_falls_back),
        CASE(a_refused_resize_is_booked_as_it_is),
        CASE(the_log_keeps_the_newest),
        CASE(reasons_have_texts),
        CASE(options_are_looked_at),
        CASE(null_is_told),
    };
    return cmocka_run_group_tests_name("scaling: controller", cases, NULL, NULL);
}
