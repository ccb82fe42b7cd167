/* test_control.c - pause and resume, resize, idle expiry, lazy start, the order of waking.
 */
#include "options_test.h"

/* --- pause ---------------------------------------------------------------------------------------------- */

static void a_paused_pool_starts_nothing(void **state)
{
    (void)state;
    struct token tokens[4] = {0};
    struct pool *pool = pool_make(2, 8);
    await_idle_workers(pool, 2);
    assert_int_equal(pool_pause(pool), POOL_OK);
    assert_int_equal(pool_pause(pool), POOL_ALREADY);
    for (int i = 0; i < 4; i++)
        submit_ok(pool, token_run, &tokens[i]);
    struct pool_counts now = pool_counts(pool);
    assert_true(now.queued == 4 && now.running == 0 && now.idle == 2); /* nobody was even called */
    struct timespec past = pool_deadline_after(-1000);
    assert_int_equal(pool_wait_idle(pool, &past), POOL_TIMED_OUT);
    assert_int_equal(pool_resume(pool), POOL_OK);
    assert_int_equal(pool_resume(pool), POOL_ALREADY);
    assert_int_equal(pool_wait_idle(pool, NULL), POOL_OK);
    for (int i = 0; i < 4; i++)
        assert_fate(&tokens[i], 1, 0, 0);
    pool_destroy(pool);
}

static void a_task_that_runs_is_not_held(void **state)
{
    (void)state;
    struct stage stage;
    stage_set(&stage);
    assert_int_equal(pool_pause(stage.pool), POOL_OK);
    gate_open(&stage.gate);
    while (pool_counts(stage.pool).completed < 1)
        sched_yield();
    await_sleepers(stage.pool, &stage.pool->resumed, 1); /* the worker is held, before the next */
    assert_int_equal(pool_counts(stage.pool).queued, QUEUED);
    assert_int_equal(pool_drain(stage.pool), POOL_OK); /* an end lifts the pause */
    assert_all(&stage, 1, 0);
    assert_int_equal(pool_pause(stage.pool), POOL_STOPPED);
    assert_int_equal(pool_resume(stage.pool), POOL_STOPPED);
    stage_clear(&stage);
}

static void a_stop_discards_under_a_pause(void **state)
{
    (void)state;
    struct token token = {0};
    struct pool *pool = pool_make(1, 8);
    assert_int_equal(pool_pause(pool), POOL_OK);
    submit_ok(pool, token_run, &token);
    assert_int_equal(pool_stop(pool), POOL_OK);
    assert_fate(&token, 0, 1, 0);
    pool_destroy(pool);
}

static void pass_and_leave(void *arg)
{
    gate_pass(arg);
    pthread_exit(NULL);
}

/* Nobody was started in its place, since nothing is to start. The end has to see to that. */
static void a_drain_replaces_who_left_in_a_pause(void **state)
{
    (void)state;
    struct token queued = {0}, waited = {0};
    struct gate gate;
    struct call call;
    struct pool *pool = pool_make(1, 8);
    gate_init(&gate);
    submit_ok(pool, pass_and_leave, &gate);
    semaphore_wait(&gate.arrived);
    submit_ok(pool, token_run, &queued);
    call_submit(&call, pool_submit_wait, pool, token_run, &waited);
    while (pool_counts(pool).queued < 2)
        sched_yield();
    assert_int_equal(pool_pause(pool), POOL_OK);
    gate_open(&gate);
    await_workers(pool, 0);
    assert_int_equal(pool_drain(pool), POOL_OK);
    assert_int_equal(call_join(&call), POOL_OK);
    assert_fate(&queued, 1, 0, 0);
    assert_fate(&waited, 1, 0, 0);
    pool_destroy(pool);
    gate_release(&gate);
}

/* --- resize --------------------------------------------------------------------------------------------- */

static void sizes_have_a_floor_and_a_ceiling(void **state)
{
    (void)state;
    struct pool_options options = {.workers = 3, .capacity = 8, .floor = 2, .ceiling = 5};
    struct pool *pool = pool_with(&options);
    static const unsigned bad[] = {0, 1, 6, 4096, (unsigned)-1};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_int_equal(pool_resize(pool, bad[i]), POOL_INVALID);
    assert_int_equal(pool_resize(NULL, 2), POOL_INVALID);
    assert_int_equal(pool_counts(pool).workers, 3);
    assert_int_equal(pool_resize(pool, 5), POOL_OK);
    assert_int_equal(pool_counts(pool).workers, 5);
    await_idle_workers(pool, 5);
    assert_int_equal(pool_resize(pool, 2), POOL_OK);
    await_workers(pool, 2); /* idle ones are woken to leave: X92 */
    assert_int_equal(pool_resize(pool, 2), POOL_OK);
    assert_int_equal(pool_stop(pool), POOL_OK);
    assert_int_equal(pool_resize(pool, 3), POOL_STOPPED);
    pool_destroy(pool);
}

static void busy_workers_leave_after_their_task(void **state)
{
    (void)state;
    struct gate gates[3];
    struct pool *pool = pool_make(3, 8);
    for (int i = 0; i < 3; i++)
        hold_worker(pool, &gates[i]);
    assert_int_equal(pool_resize(pool, 1), POOL_OK);
    assert_int_equal(pool_counts(pool).workers, 3); /* X86: nobody is interrupted */
    for (int i = 0; i < 3; i++)
        gate_open(&gates[i]);
    await_workers(pool, 1); /* X40: and not fewer */
    struct token token = {0};
    assert_int_equal(pool_submit_wait(pool, token_run, &token), POOL_OK);
    assert_int_equal(pool_counts(pool).workers, 1);
    pool_destroy(pool);
    for (int i = 0; i < 3; i++)
        gate_release(&gates[i]);
}

static void up_and_down_again_and_again(void **state)
{
    (void)state;
    struct token tokens[20] = {0};
    struct pool_options options = {.workers = 1, .queue = POOL_UNBOUNDED, .ceiling = 6};
    struct pool *pool = pool_with(&options);
    for (int i = 0; i < 20; i++) {
        assert_int_equal(pool_resize(pool, i % 2 ? 1 : 6), POOL_OK);
        submit_ok(pool, token_run, &tokens[i]);
    }
    assert_int_equal(pool_drain(pool), POOL_OK);
    for (int i = 0; i < 20; i++)
        assert_fate(&tokens[i], 1, 0, 0);
    pool_destroy(pool);
}

/* --- lazy start and expiry ------------------------------------------------------------------------------ */

static void lazy_workers_come_with_the_work(void **state)
{
    (void)state;
    struct gate gates[2], third;
    struct pool_options options = {.workers = 2, .capacity = 8, .start = POOL_START_LAZY};
    struct pool *pool = pool_with(&options);
    assert_int_equal(pool_counts(pool).workers, 0);
    hold_worker(pool, &gates[0]);
    assert_int_equal(pool_counts(pool).workers, 1);
    hold_worker(pool, &gates[1]);
    assert_int_equal(pool_counts(pool).workers, 2);
    gate_init(&third);
    submit_ok(pool, gate_pass, &third); /* not a third */
    assert_int_equal(pool_counts(pool).workers, 2);
    gate_open(&third);
    for (int i = 0; i < 2; i++)
        gate_open(&gates[i]);
    assert_int_equal(pool_drain(pool), POOL_OK);
    pool_destroy(pool);
    gate_release(&third);
    for (int i = 0; i < 2; i++)
        gate_release(&gates[i]);
}

static void a_lazy_pool_without_work_ends(void **state)
{
    (void)state;
    struct pool_options options = {.workers = 2, .capacity = 8, .start = POOL_START_LAZY};
    struct pool *pool = pool_with(&options);
    assert_int_equal(pool_wait_idle(pool, NULL), POOL_OK);
    assert_int_equal(pool_drain(pool), POOL_OK);
    pool_destroy(pool);
}

static void idle_workers_leave_down_to_the_floor(void **state)
{
    (void)state;
    struct token token = {0};
    for (unsigned floor = 0; floor < 2; floor++) {
        struct pool_options options = {.workers = 3, .capacity = 8, .floor = floor, .idle_ms = 1};
        struct pool *pool = pool_with(&options);
        await_workers(pool, floor);
        assert_int_equal(pool_counts(pool).expired, 3 - floor);
        assert_int_equal(pool_submit_wait(pool, token_run, &token), POOL_OK); /* one comes again */
        if (floor == 1) /* and the last one had stayed, though all three were late at once */
            assert_int_equal(pool_counts(pool).expired, 2);
        assert_int_equal(pool_drain(pool), POOL_OK);
        pool_destroy(pool);
    }
    assert_fate(&token, 2, 0, 0);
}

/* --- waking --------------------------------------------------------------------------------------------- */

static void note_worker(void *arg)
{
    atomic_store((atomic_int *)arg, pool_task_worker());
}

/* Let the worker that takes the task of GATE fall asleep last. Returns its number. */
static int send_to_sleep_last(struct pool *pool)
{
    atomic_int number = -1;
    submit_ok(pool, note_worker, &number);
    await_idle_workers(pool, 3);
    return number;
}

static void wake_last_takes_who_is_warm(void **state)
{
    (void)state;
    struct pool *pool = pool_make(3, 8);
    await_idle_workers(pool, 3);
    int first = send_to_sleep_last(pool);
    for (int i = 0; i < 3; i++)
        assert_int_equal(send_to_sleep_last(pool), first);
    pool_destroy(pool);
}

static void wake_first_takes_turns(void **state)
{
    (void)state;
    struct pool_options options = {.workers = 3, .capacity = 8, .wake = POOL_WAKE_FIRST};
    struct pool *pool = pool_with(&options);
    int order[6];
    await_idle_workers(pool, 3);
    for (int i = 0; i < 6; i++)
        order[i] = send_to_sleep_last(pool);
    for (int i = 0; i < 3; i++)
        assert_int_equal(order[i], order[i + 3]);
    assert_true(order[0] != order[1] && order[1] != order[2] && order[0] != order[2]);
    pool_destroy(pool);
}

static void null_pools_are_refused(void **state)
{
    (void)state;
    assert_int_equal(pool_pause(NULL), POOL_INVALID);
    assert_int_equal(pool_resume(NULL), POOL_INVALID);
    assert_int_equal(pool_workers(NULL, NULL, 0), 0);
    assert_int_equal(pool_wait_idle(NULL, NULL), POOL_INVALID);
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        CASE(a_paused_pool_starts_nothing),     CASE(a_task_that_runs_is_not_held),
        CASE(a_stop_discards_under_a_pause),    CASE(a_drain_replaces_who_left_in_a_pause),
        CASE(sizes_have_a_floor_and_a_ceiling), CASE(busy_workers_leave_after_their_task),
        CASE(up_and_down_again_and_again),      CASE(lazy_workers_come_with_the_work),
        CASE(a_lazy_pool_without_work_ends),    CASE(idle_workers_leave_down_to_the_floor),
        CASE(wake_last_takes_who_is_warm),      CASE(wake_first_takes_turns),
        CASE(null_pools_are_refused),
    };
    return cmocka_run_group_tests_name("core: control", cases, NULL, NULL);
}
