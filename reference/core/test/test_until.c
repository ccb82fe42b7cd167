/* test_until.c - the calls of the core pool that take a deadline: pool_submit_until and pool_drain_until.
 *
 * They may be late, as every thread may; no case asks by how much. They must not be early, and must not say
 * "timed out" of something that was there.
 */
#include "core_test.h"

static void deadlines_are_normal_times(void **state)
{
    (void)state;
    static const long milliseconds[] = {0, 1, 999, 1000, 1001, 86400000, -1, -999, -1000, -1001};
    for (size_t i = 0; i < sizeof milliseconds / sizeof *milliseconds; i++) {
        struct timespec before = pool_deadline_after(0);
        struct timespec deadline = pool_deadline_after(milliseconds[i]);
        struct timespec after = pool_deadline_after(0);
        assert_true(deadline.tv_nsec >= 0 && deadline.tv_nsec < 1000000000);
        assert_true(nanoseconds(deadline) >= nanoseconds(before) + milliseconds[i] * 1000000LL);
        assert_true(nanoseconds(deadline) <= nanoseconds(after) + milliseconds[i] * 1000000LL);
    }
}

/* --- deadlines --------------------------------------------------------------------------------------------
 */

static void a_past_deadline_still_tries(void **state)
{
    (void)state;
    struct token tokens[2] = {0};
    struct gate gate;
    struct pool *pool = pool_make(1, 1);

    hold_worker(pool, &gate);
    assert_int_equal(submit_until_past(pool, token_run, &tokens[0]), POOL_OK);
    assert_int_equal(submit_until_past(pool, token_run, &tokens[1]), POOL_TIMED_OUT);
    assert_int_equal(pool_counts(pool).refused, 1);
    gate_open(&gate);
    assert_int_equal(pool_drain(pool), POOL_OK);
    assert_int_equal(submit_until_past(pool, token_run, &tokens[1]), POOL_STOPPED);
    assert_fate(&tokens[0], 1, 0, 0);
    assert_fate(&tokens[1], 0, 0, 0);
    pool_destroy(pool);
    gate_release(&gate);
}

static void a_deadline_is_not_early(void **state)
{
    (void)state;
    struct token tokens[2] = {0};
    struct gate gate;
    struct pool *pool = pool_make(1, 1);

    hold_worker(pool, &gate);
    fill(pool, tokens);
    for (long milliseconds = 0; milliseconds <= 20; milliseconds += 4) {
        struct timespec deadline = pool_deadline_after(milliseconds);
        assert_int_equal(pool_submit_until(pool, token_run, &tokens[1], &deadline), POOL_TIMED_OUT);
        assert_true(has_passed(deadline));
    }
    gate_open(&gate);
    pool_destroy(pool);
    assert_fate(&tokens[1], 0, 0, 0);
    gate_release(&gate);
}

struct hurried {
    struct timespec deadline;
    struct token token;
};

static enum pool_status submit_hurried(struct pool *pool, pool_task *run, void *arg)
{
    struct hurried *hurried = arg;
    return pool_submit_until(pool, run, &hurried->token, &hurried->deadline);
}

/* Start a submit with a deadline and see it sleep. False: it was late already, without sleeping long enough
 * to be seen. */
static bool hurry(struct call *call, struct hurried *hurried, struct pool *pool, long milliseconds)
{
    *hurried = (struct hurried){.deadline = pool_deadline_after(milliseconds)};
    call_submit(call, submit_hurried, pool, token_run, hurried);
    for (size_t waiting = 0; waiting == 0; sched_yield()) {
        lock_take(&pool->lock); /* on success it stays taken */
        waiting = pool->room.waiting;
        if (waiting == 0)
            lock_drop(&pool->lock);
        if (waiting == 0 && call->returned)
            return false;
    }
    return true;
}

static void a_deadline_with_room_is_no_timeout(void **state)
{
    (void)state;
    struct token tokens[2] = {0};
    struct hurried hurried;
    struct call call;
    struct gate gate;
    struct pool *pool = pool_make(1, 1);

    hold_worker(pool, &gate);
    fill(pool, tokens);
    for (long milliseconds = 10; !hurry(&call, &hurried, pool, milliseconds); milliseconds *= 2)
        assert_int_equal(call_join(&call), POOL_TIMED_OUT);
    while (!has_passed(hurried.deadline))
        sched_yield();             /* the submitter is late now, and cannot say so without the lock */
    (void)queue_pop(&pool->queue); /* as a worker would, but without a ring */
    tally_add(&pool->outside.begun);
    tally_add(&pool->outside.completed);
    lock_drop(&pool->lock);
    assert_int_equal(call_join(&call), POOL_OK);
    gate_open(&gate);
    assert_int_equal(pool_drain(pool), POOL_OK);
    assert_fate(&hurried.token, 1, 0, 0);
    pool_destroy(pool);
    gate_release(&gate);
}

/* --- the drain with a deadline ----------------------------------------------------------------------------
 */

static void a_timed_drain_that_is_in_time(void **state)
{
    (void)state;
    struct stage stage;
    struct timespec later = pool_deadline_after(3600 * 1000);
    struct pool_leftover left = {7, 7};
    stage_set(&stage);
    gate_open(&stage.gate);
    assert_int_equal(pool_drain_until(stage.pool, &later, &left), POOL_OK);
    assert_int_equal(left.discarded + left.running, 0);
    assert_all(&stage, 1, 0);
    assert_int_equal(stage.pool->phase, PHASE_GONE); /* workers joined */
    stage_clear(&stage);
}

static void a_timed_drain_of_an_idle_pool_is_never_late(void **state)
{
    (void)state;
    for (int i = 0; i < 50;
         i++) { /* the workers are at times still on their way out when the deadline is looked at */
        struct timespec past = pool_deadline_after(-1000);
        struct pool_leftover left = {7, 7};
        struct pool *pool = pool_make(2, 2);
        assert_int_equal(pool_drain_until(pool, &past, &left), POOL_OK);
        assert_int_equal(left.discarded + left.running, 0);
        pool_destroy(pool);
    }
}

static void a_timed_drain_leaves_a_stuck_task_behind(void **state)
{
    (void)state;
    struct stage stage;
    struct pool_leftover left = {7, 7};
    struct timespec deadline = pool_deadline_after(5);
    stage_set(&stage);
    assert_int_equal(pool_drain_until(stage.pool, &deadline, &left), POOL_TIMED_OUT);
    assert_int_equal(left.discarded, QUEUED);
    assert_int_equal(left.running, 1);
    assert_all(&stage, 0, 1);
    assert_closed(stage.pool);

    struct timespec again = pool_deadline_after(5);
    assert_int_equal(pool_drain_until(stage.pool, &again, &left), POOL_TIMED_OUT);
    assert_int_equal(left.discarded, 0);
    assert_int_equal(left.running, 1);
    assert_int_equal(pool_drain_until(stage.pool, &again, NULL), POOL_TIMED_OUT);
    assert_balance(stage.pool);

    gate_open(&stage.gate);
    again = pool_deadline_after(3600 * 1000);
    assert_int_equal(pool_drain_until(stage.pool, &again, &left), POOL_OK);
    assert_int_equal(left.discarded + left.running, 0);
    stage_clear(&stage);
    assert_all(&stage, 0, 1);
}

/* A discard function that stays at a gate, if it is given one. */
static void discard_at_gate(void *arg)
{
    if (arg)
        gate_pass(arg);
}

static void do_nothing(void *arg)
{
    (void)arg;
}

struct late_drain {
    struct pool *pool;
    struct pool_leftover left;
};

static void *drain_late(void *arg)
{
    struct late_drain *drain = arg;
    struct timespec past = pool_deadline_after(-1000);
    pool_drain_until(drain->pool, &past, &drain->left);
    return NULL;
}

static void two_late_drains_count_each_task_once(void **state)
{
    (void)state;
    struct gate running, discarding;
    struct late_drain first = {0}, second;
    struct pool_options options = {.workers = 1, .capacity = 3, .discard = discard_at_gate};
    pthread_t thread;

    assert_int_equal(pool_create(&first.pool, &options), POOL_OK);
    hold_worker(first.pool, &running);
    gate_init(&discarding);
    assert_int_equal(pool_submit(first.pool, do_nothing, &discarding), POOL_OK);
    assert_int_equal(pool_submit(first.pool, do_nothing, NULL), POOL_OK);
    assert_int_equal(pool_submit(first.pool, do_nothing, NULL), POOL_OK);
    second = first;
    pthread_create(&thread, NULL, drain_late, &first);
    semaphore_wait(&discarding.arrived); /* the first drain is busy with its first task */
    drain_late(&second);
    gate_open(&discarding);
    pthread_join(thread, NULL);
    assert_int_equal(first.left.discarded, 1);
    assert_int_equal(second.left.discarded, 2);
    gate_open(&running);
    pool_destroy(first.pool);
    gate_release(&running);
    gate_release(&discarding);
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        CASE(deadlines_are_normal_times),
        CASE(a_past_deadline_still_tries),
        CASE(a_deadline_is_not_early),
        CASE(a_deadline_with_room_is_no_timeout),
        CASE(a_timed_drain_that_is_in_time),
        CASE(a_timed_drain_of_an_idle_pool_is_never_late),
        CASE(a_timed_drain_leaves_a_stuck_task_behind),
        CASE(two_late_drains_count_each_task_once),
    };
    return cmocka_run_group_tests_name("core: until", cases, NULL, NULL);
}
