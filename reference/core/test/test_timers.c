/* test_timers.c - timers that the test polls by a clock of its own: order, rhythm, the heap.
 *
 * Not here: what callbacks may do (test_timers_callbacks.c), threads (test_timers_thread.c).
 */
/* link: -Wl,--wrap=malloc,--wrap=aligned_alloc,--wrap=free,--wrap=pthread_create */
#include "../timers_heap.h" /* how many it first holds */

#include "timers_test.h"

/* --- arguments, memory ---------------------------------------------------------------------------------- */

static void wrong_arguments_are_answered(void **state)
{
    (void)state;
    struct stage stage;
    struct pool_timer timer = {0};
    struct pool_timers *timers = (struct pool_timers *)&faults;
    struct pool_timers_options clocked = {.clock = &stage.clock};
    struct pool_timers_options odd = {.driver = (enum pool_timers_driver)7};
    uint64_t next = 5;
    stage_set(&stage);
    assert_status(pool_timers_create(NULL, NULL), POOL_INVALID);
    assert_status(pool_timers_create(&timers, &clocked), POOL_INVALID); /* a thread by a clock of ours */
    assert_null(timers);
    assert_status(pool_timers_create(&timers, &odd), POOL_INVALID);
    assert_status(pool_timers_stop(NULL), POOL_INVALID);
    pool_timers_destroy(NULL);
    assert_status(pool_timers_add(NULL, &timer, 0, 0, note, NULL), POOL_INVALID);
    assert_status(pool_timers_add(stage.timers, NULL, 0, 0, note, NULL), POOL_INVALID);
    assert_status(pool_timers_add(stage.timers, &timer, 0, 0, NULL, NULL), POOL_INVALID);
    assert_status(pool_timers_cancel(NULL, &timer), POOL_INVALID);
    assert_status(pool_timers_cancel(stage.timers, NULL), POOL_INVALID);
    assert_int_equal(pool_timers_poll(NULL, &next), 0);
    assert_true(next == UINT64_MAX);
    assert_int_equal(pool_timers_count(NULL), 0);
    stage_clear(&stage);
}

static void what_runs_out_leaves_nothing(void **state)
{
    (void)state;
    int held = faults.blocks_held;
    struct pool_timers *timers = (struct pool_timers *)&faults;
    faults_allow(0, -1);
    assert_status(pool_timers_create(&timers, NULL), POOL_NO_MEMORY);
    assert_null(timers);
    faults_allow(-1, 0);
    assert_status(pool_timers_create(&timers, NULL), POOL_NO_THREAD);
    assert_null(timers);
    faults_allow(-1, -1);
    assert_int_equal(faults.blocks_held, held);
}

static void no_memory_for_an_add_changes_nothing(void **state)
{
    (void)state;
    enum { MANY = 40 };
    struct stage stage;
    static struct noting many[MANY];
    int added = 0, refused = 0, held = faults.blocks_held;
    stage_set(&stage);
    for (int i = 0; i < MANY; i++) {
        many[i] = (struct noting){.stage = &stage, .letter = 'x'};
        faults_allow(0, -1);
        enum pool_status status = pool_timers_add(stage.timers, &many[i].timer, 5, 0, note, &many[i]);
        faults_allow(-1, -1);
        if (status == POOL_OK) {
            added++;
            continue;
        }
        assert_status(status, POOL_NO_MEMORY);
        refused++;
        assert_int_equal(pool_timers_count(stage.timers), i);
        add(&stage, &many[i], 'x', 5, 0, note);
    }
    assert_true(added > 0 && refused > 1);
    assert_int_equal(poll_at(&stage, 5), MANY);
    stage_clear(&stage);
    assert_int_equal(faults.blocks_held, held);
}

static void note_and_add_other(void *arg, const struct pool_tick *tick)
{
    struct noting *noting = arg;
    note(arg, tick);
    add(noting->stage, noting->other, 'b', 99, 0, note);
}

/* From no timer to more than the heap first holds: there is always a place for the one that runs. */
static void one_that_runs_keeps_its_place(void **state)
{
    (void)state;
    static struct noting many[3 * HEAP_LEAST];
    struct stage stage;
    struct noting a, b;
    stage_set(&stage);
    add(&stage, &a, 'a', 1, 1, note_and_add_other);
    a.other = &b;
    for (size_t i = 0; i < sizeof many / sizeof *many; i++) {
        assert_int_equal(poll_at(&stage, i + 1), 1);
        assert_int_equal(pool_timers_count(stage.timers), i + 2);
        assert_status(pool_timers_cancel(stage.timers, &b.timer), POOL_OK);
        add(&stage, &many[i], 'x', 99, 0, note);
    }
    stage_clear(&stage);
}

/* --- order and time ------------------------------------------------------------------------------------- */

static void they_run_in_order_and_not_early(void **state)
{
    (void)state;
    struct stage stage;
    struct noting c, a, d, b;
    uint64_t next;
    stage_set(&stage);
    add(&stage, &c, 'c', 30, 0, note);
    add(&stage, &a, 'a', 10, 0, note);
    add(&stage, &d, 'd', 30, 0, note); /* after c: for one moment, the order of the adds */
    add(&stage, &b, 'b', 20, 0, note);
    assert_int_equal(pool_timers_count(stage.timers), 4);
    assert_int_equal(poll_at(&stage, 9), 0);
    assert_int_equal(pool_timers_poll(stage.timers, &next), 0);
    assert_int_equal(next, 10);
    assert_int_equal(poll_at(&stage, 20), 2);
    assert_tick(&stage, 20, 20, 0);
    assert_int_equal(pool_timers_poll(stage.timers, &next), 0);
    assert_int_equal(next, 30);
    assert_int_equal(poll_at(&stage, 1000), 2);
    assert_tick(&stage, 30, 1000, 0);
    assert_string_equal(stage.notes, "abcd");
    assert_int_equal(pool_timers_poll(stage.timers, &next), 0);
    assert_true(next == UINT64_MAX);
    stage_clear(&stage);
}

static void the_past_is_now(void **state)
{
    (void)state;
    struct stage stage;
    struct noting a, b;
    stage_set(&stage);
    assert_int_equal(poll_at(&stage, 100), 0);
    add(&stage, &a, 'a', 100, 0, note);
    add(&stage, &b, 'b', 3, 0, note); /* does not overtake */
    assert_int_equal(poll_at(&stage, 100), 2);
    assert_string_equal(stage.notes, "ab");
    assert_tick(&stage, 100, 100, 0);
    stage_clear(&stage);
}

static uint64_t random_next(uint64_t *state)
{
    *state = *state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407); /* Knuth's MMIX */
    return *state >> 33;
}

/* Many timers, some taken out of the middle: what is left runs in the order of its times. */
static void the_heap_keeps_many_in_order(void **state)
{
    (void)state;
    enum { MANY = 500 };
    static struct noting many[MANY];
    uint64_t seed = 7, next = 0, before = 0;
    struct stage stage;
    stage_set(&stage);
    for (int round = 0; round < 10; round++) {
        size_t left = MANY;
        for (int i = 0; i < MANY; i++)
            add(&stage, &many[i], 'x', before + 1 + random_next(&seed) % 1000, 0, note);
        for (int i = 0; i < MANY; i++)
            if (random_next(&seed) % 3 == 0) {
                assert_status(pool_timers_cancel(stage.timers, &many[i].timer), POOL_OK);
                left--;
            }
        assert_int_equal(pool_timers_count(stage.timers), left);
        for (pool_timers_poll(stage.timers, &next); next != UINT64_MAX;
             pool_timers_poll(stage.timers, &next)) {
            assert_true(next > before);
            before = next;
            left -= poll_at(&stage, next);
            assert_tick(&stage, next, next, 0);
        }
        assert_int_equal(left, 0);
    }
    stage_clear(&stage);
}

/* --- periods -------------------------------------------------------------------------------------------- */

static void a_period_keeps_its_rhythm(void **state)
{
    (void)state;
    struct stage stage;
    struct noting a;
    stage_set(&stage);
    add(&stage, &a, 'a', 100, 10, note);
    assert_int_equal(poll_at(&stage, 99), 0);
    assert_int_equal(poll_at(&stage, 103), 1); /* late by 3, and still due at 110 */
    assert_tick(&stage, 100, 103, 0);
    assert_int_equal(poll_at(&stage, 109), 0);
    assert_int_equal(poll_at(&stage, 110), 1);
    assert_tick(&stage, 110, 110, 0);
    assert_int_equal(poll_at(&stage, 145), 1); /* 120 and 130 were missed, 140 is served */
    assert_tick(&stage, 140, 145, 2);
    assert_int_equal(poll_at(&stage, 149), 0);
    assert_int_equal(poll_at(&stage, 150), 1);
    assert_tick(&stage, 150, 150, 0);
    assert_int_equal(pool_timers_count(stage.timers), 1);
    assert_status(pool_timers_cancel(stage.timers, &a.timer), POOL_OK);
    assert_int_equal(poll_at(&stage, 1000), 0);
    stage_clear(&stage);
}

static void calls_and_missed_add_up(void **state)
{
    (void)state;
    struct stage stage;
    struct noting a;
    uint64_t seed = 11, now = 7, served = 0;
    stage_set(&stage);
    add(&stage, &a, 'a', 7, 7, note);
    for (int i = 0; i < 1000; i++) {
        now += random_next(&seed) % 40;
        if (poll_at(&stage, now) == 1)
            served += 1 + stage.tick.missed;
    }
    assert_int_equal(served, now / 7);
    assert_status(pool_timers_cancel(stage.timers, &a.timer), POOL_OK);
    stage_clear(&stage);
}

static void a_period_ends_with_the_numbers(void **state)
{
    (void)state;
    struct stage stage;
    struct noting a;
    stage_set(&stage);
    add(&stage, &a, 'a', UINT64_MAX - 10, 10, note);
    assert_int_equal(poll_at(&stage, UINT64_MAX - 10), 1);
    assert_int_equal(poll_at(&stage, UINT64_MAX), 1);
    assert_tick(&stage, UINT64_MAX, UINT64_MAX, 0);
    assert_int_equal(poll_at(&stage, UINT64_MAX), 0);
    assert_int_equal(pool_timers_count(stage.timers), 0);
    add(&stage, &a, 'b', 0, UINT64_MAX, note);
    assert_int_equal(poll_at(&stage, UINT64_MAX), 1);
    assert_status(pool_timers_cancel(stage.timers, &a.timer), POOL_ALREADY);
    stage_clear(&stage);
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        CASE(wrong_arguments_are_answered),
        CASE(what_runs_out_leaves_nothing),
        CASE(no_memory_for_an_add_changes_nothing),
        CASE(one_that_runs_keeps_its_place),
        CASE(they_run_in_order_and_not_early),
        CASE(the_past_is_now),
        CASE(the_heap_keeps_many_in_order),
        CASE(a_period_keeps_its_rhythm),
        CASE(calls_and_missed_add_up),
        CASE(a_period_ends_with_the_numbers),
    };
    return cmocka_run_group_tests_name("core: timers", cases, NULL, NULL);
}
