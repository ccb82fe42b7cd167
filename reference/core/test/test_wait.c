/* test_wait.c - pool_submit_wait: when it returns, what it answers, and one pool waiting for another.
 *
 * Not here: waiting for room in the queue (test_submit.c).
 */
#include "core_test.h"

/* --- waiting for the task ---------------------------------------------------------------------------------
 */

static void add_one(void *arg)
{
    ++*(int *)arg; /* not atomic: pool_submit_wait itself must order this before the caller's next line */
}

static void a_waiting_submit_returns_after_its_task(void **state)
{
    (void)state;
    struct pool *pool = pool_make(2, 4);
    int sum = 0;
    for (int i = 1; i <= 100; i++) {
        assert_int_equal(pool_submit_wait(pool, add_one, &sum), POOL_OK);
        assert_int_equal(sum, i);
    }
    pool_destroy(pool);
}

static enum pool_status wait_a_hundred_times(struct pool *pool, pool_task *run, void *arg)
{
    for (int i = 1; i <= 100; i++) {
        enum pool_status status = pool_submit_wait(pool, run, arg);
        if (status != POOL_OK || *(int *)arg != i)
            return POOL_INVALID;
    }
    return POOL_OK;
}

static void each_of_many_waits_for_its_own_task(void **state)
{
    (void)state;
    enum { CALLERS = 4 };
    struct call calls[CALLERS];
    int sums[CALLERS] = {0};
    struct pool *pool = pool_make(2, 1);
    for (int i = 0; i < CALLERS; i++)
        call_submit(&calls[i], wait_a_hundred_times, pool, add_one, &sums[i]);
    for (int i = 0; i < CALLERS; i++)
        assert_int_equal(call_join(&calls[i]), POOL_OK);
    assert_int_equal(pool_counts(pool).completed, 100 * CALLERS);
    pool_destroy(pool);
}

static void a_waiting_submit_does_not_return_before(void **state)
{
    (void)state;
    struct gate gate;
    struct call call;
    struct token behind = {0};
    struct pool *pool = pool_make(2, 4);

    gate_init(&gate);
    call_submit(&call, pool_submit_wait, pool, gate_pass, &gate);
    semaphore_wait(&gate.arrived);
    assert_int_equal(pool_submit_wait(pool, token_run, &behind),
                     POOL_OK); /* another one's end is not its own */
    await_idle_workers(pool, 1);
    assert_false(call.returned);
    gate_open(&gate);
    assert_int_equal(call_join(&call), POOL_OK);
    pool_destroy(pool);
    gate_release(&gate);
}

static void a_waiting_submit_hears_of_its_discard(void **state)
{
    (void)state;
    enum { WAITING = 3 };
    struct token tokens[WAITING] = {0};
    struct call calls[WAITING], stop;
    struct gate gate;
    struct pool *pool = pool_make(1, WAITING);

    hold_worker(pool, &gate);
    for (int i = 0; i < WAITING; i++)
        call_submit(&calls[i], pool_submit_wait, pool, token_run, &tokens[i]);
    while (pool_counts(pool).queued < WAITING)
        sched_yield();
    call_end(&stop, pool_stop, pool);
    for (int i = 0; i < WAITING; i++) {
        assert_int_equal(call_join(&calls[i]), POOL_DISCARDED);
        assert_fate(&tokens[i], 0, 1, 0);
    }
    assert_int_equal(pool_counts(pool).refused, 0); /* they were taken, and then discarded */
    gate_open(&gate);
    assert_int_equal(call_join(&stop), POOL_OK);
    assert_int_equal(pool_submit_wait(pool, token_run, &tokens[0]), POOL_STOPPED);
    assert_fate(&tokens[0], 0, 1, 0);
    pool_destroy(pool);
    gate_release(&gate);
}

static void a_waiting_submit_is_served_by_a_drain(void **state)
{
    (void)state;
    struct token token = {0};
    struct call call, drain;
    struct gate gate;
    struct pool *pool = pool_make(1, 1);

    hold_worker(pool, &gate);
    call_submit(&call, pool_submit_wait, pool, token_run, &token);
    while (pool_counts(pool).queued < 1)
        sched_yield();
    call_end(&drain, pool_drain, pool);
    await_sleepers(pool, &pool->ended, 1);
    gate_open(&gate);
    assert_int_equal(call_join(&call), POOL_OK);
    assert_int_equal(call_join(&drain), POOL_OK);
    assert_fate(&token, 1, 0, 0);
    pool_destroy(pool);
    gate_release(&gate);
}

/* --- one pool inside another ------------------------------------------------------------------------------
 */

struct nest {
    struct pool *inner, *outer;
    struct token deepest;
    enum pool_status from_outer, from_inner, to_own;
};

static void nest_inner(void *arg)
{
    struct nest *nest = arg;
    nest->from_inner = pool_submit_wait(nest->outer, token_run, &nest->deepest);
}

static void nest_outer(void *arg)
{
    struct nest *nest = arg;
    nest->from_outer = pool_submit_wait(nest->inner, nest_inner, nest);
    nest->to_own = pool_submit_wait(nest->outer, token_run, &nest->deepest);
}

static void a_task_waits_for_another_pool_but_not_for_its_own(void **state)
{
    (void)state;
    /* The outer pool has a second worker: with one, the two pools would wait for each other. */
    struct nest nest = {.outer = pool_make(2, 2), .inner = pool_make(1, 1)};
    assert_int_equal(pool_submit_wait(nest.outer, nest_outer, &nest), POOL_OK);
    assert_int_equal(nest.from_outer, POOL_OK);
    assert_int_equal(nest.from_inner, POOL_OK);
    assert_int_equal(nest.to_own, POOL_WOULD_DEADLOCK); /* although a worker is free */
    assert_fate(&nest.deepest, 1, 0, 0);
    assert_int_equal(pool_counts(nest.outer).refused, 1);
    pool_destroy(nest.inner);
    pool_destroy(nest.outer);
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        CASE(a_waiting_submit_returns_after_its_task),
        CASE(each_of_many_waits_for_its_own_task),
        CASE(a_waiting_submit_does_not_return_before),
        CASE(a_waiting_submit_hears_of_its_discard),
        CASE(a_waiting_submit_is_served_by_a_drain),
        CASE(a_task_waits_for_another_pool_but_not_for_its_own),
    };
    return cmocka_run_group_tests_name("core: wait", cases, NULL, NULL);
}
