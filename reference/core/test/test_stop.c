/* test_stop.c - how the core pool ends: stop, drain, destroy; repeated, and several at once.
 *
 * Not here: drains that run out of time (test_until.c), ending from inside the pool (test_inside.c).
 */
#include "core_test.h"
#include <sys/wait.h>

static void a_drain_runs_what_waits(void **state)
{
    (void)state;
    struct stage stage;
    struct call drain;
    stage_set(&stage);
    call_end(&drain, pool_drain, stage.pool);
    await_sleepers(stage.pool, &stage.pool->ended, 1);
    assert_closed(stage.pool); /* from the first moment */
    assert_int_equal(pool_counts(stage.pool).queued, QUEUED);
    gate_open(&stage.gate);
    assert_int_equal(call_join(&drain), POOL_OK);
    assert_all(&stage, 1, 0);
    assert_int_equal(pool_counts(stage.pool).completed, QUEUED + 1);
    assert_closed(stage.pool);
    stage_clear(&stage);
    assert_all(&stage, 1, 0);
}

static void a_stop_discards_what_waits(void **state)
{
    (void)state;
    struct stage stage;
    struct call stop;
    stage_set(&stage);
    call_end(&stop, pool_stop, stage.pool);
    await_sleepers(stage.pool, &stage.pool->ended, 1);
    assert_all(&stage, 0, 1);
    assert_int_equal(pool_counts(stage.pool).running, 1);
    assert_false(stop.returned); /* it waits for the task that runs */
    assert_closed(stage.pool);
    gate_open(&stage.gate);
    assert_int_equal(call_join(&stop), POOL_OK);
    assert_int_equal(pool_counts(stage.pool).completed, 1);
    assert_int_equal(pool_counts(stage.pool).discarded, QUEUED);
    assert_balance(stage.pool);
    stage_clear(&stage);
    assert_all(&stage, 0, 1);
}

static void a_destroy_stops_first(void **state)
{
    (void)state;
    struct stage stage;
    stage_set(&stage);
    gate_open(&stage.gate); /* from here on the worker and the stop race for the tokens */
    stage_clear(&stage);
    for (int i = 0; i < QUEUED; i++)
        assert_int_equal(stage.tokens[i].ran + stage.tokens[i].discarded, 1);
}

static void discarding_needs_no_function(void **state)
{
    (void)state;
    struct token tokens[QUEUED + 1] = {0};
    struct gate gate;
    struct timespec past = pool_deadline_after(-1000);
    struct pool_leftover left;
    struct pool *pool;
    assert_int_equal(pool_create(&pool, &(struct pool_options){.workers = 1, .capacity = QUEUED}), POOL_OK);
    hold_worker(pool, &gate);
    fill(pool, tokens);
    assert_int_equal(pool_drain_until(pool, &past, &left), POOL_TIMED_OUT);
    assert_int_equal(left.discarded, QUEUED);
    assert_int_equal(pool_counts(pool).discarded, QUEUED);
    gate_open(&gate);
    pool_destroy(pool);
    gate_release(&gate);
}

static void ends_may_be_repeated(void **state)
{
    (void)state;
    struct pool *pool = pool_make(2, 2);
    struct timespec past = pool_deadline_after(-1000);
    struct pool_leftover left = {7, 7};
    for (int i = 0; i < 2; i++) {
        assert_int_equal(pool_drain(pool), POOL_OK);
        assert_int_equal(pool_stop(pool), POOL_OK);
        assert_int_equal(pool_drain_until(pool, &past, &left), POOL_OK);
        assert_int_equal(left.discarded + left.running, 0);
    }
    pool_destroy(pool);
}

static void several_ends_at_once_all_return(void **state)
{
    (void)state;
    enum { ENDS = 6 };
    struct stage stage;
    struct call calls[ENDS];
    stage_set(&stage);
    for (int i = 0; i < ENDS; i++)
        call_end(&calls[i], i % 2 ? pool_drain : pool_stop, stage.pool);
    await_sleepers(stage.pool, &stage.pool->ended, ENDS);
    assert_all(&stage, 0, 1);
    for (int i = 0; i < ENDS; i++)
        assert_false(calls[i].returned);
    gate_open(&stage.gate);
    for (int i = 0; i < ENDS; i++)
        assert_int_equal(call_join(&calls[i]), POOL_OK);
    stage_clear(&stage);
}

static void a_stop_cuts_a_drain_short(void **state)
{
    (void)state;
    struct stage stage;
    struct call drain, stop;
    stage_set(&stage);
    call_end(&drain, pool_drain, stage.pool);
    await_sleepers(stage.pool, &stage.pool->ended, 1);
    assert_all(&stage, 0, 0);
    call_end(&stop, pool_stop, stage.pool);
    await_sleepers(stage.pool, &stage.pool->ended, 2);
    assert_all(&stage, 0, 1);
    gate_open(&stage.gate);
    assert_int_equal(call_join(&drain), POOL_OK);
    assert_int_equal(call_join(&stop), POOL_OK);
    stage_clear(&stage);
}

static void a_drain_does_not_undo_a_stop(void **state)
{
    (void)state;
    struct stage stage;
    struct call drain;
    struct timespec past = pool_deadline_after(-1000);
    stage_set(&stage);
    assert_int_equal(pool_drain_until(stage.pool, &past, NULL), POOL_TIMED_OUT);
    call_end(&drain, pool_drain, stage.pool);
    await_sleepers(stage.pool, &stage.pool->ended, 1);
    assert_int_equal(stage.pool->phase, PHASE_STOPPING);
    assert_closed(stage.pool);
    gate_open(&stage.gate);
    assert_int_equal(call_join(&drain), POOL_OK);
    assert_all(&stage, 0, 1);
    stage_clear(&stage);
}

static enum pool_status destroy(struct pool *pool)
{
    pool_destroy(pool);
    return POOL_OK;
}

static void a_destroy_waits_for_what_a_timed_drain_left(void **state)
{
    (void)state;
    struct stage stage;
    struct call call;
    struct timespec past = pool_deadline_after(-1000);
    stage_set(&stage);
    assert_int_equal(pool_drain_until(stage.pool, &past, NULL), POOL_TIMED_OUT);
    call_end(&call, destroy, stage.pool);
    await_sleepers(stage.pool, &stage.pool->ended, 1);
    assert_false(call.returned);
    gate_open(&stage.gate);
    assert_int_equal(call_join(&call), POOL_OK);
    gate_release(&stage.gate);
}

/* --- the last visitors ------------------------------------------------------------------------------------
 */

struct slow {
    struct token token; /* first, so that a discard may take either for the other */
    struct gate *gate;  /* NULL: not slow */
};

static void discard_slowly(void *arg)
{
    struct slow *slow = arg;
    if (slow->gate)
        gate_pass(slow->gate);
    token_discard(&slow->token);
}

static enum pool_status time_out(struct pool *pool)
{
    struct timespec past = pool_deadline_after(-1000);
    return pool_drain_until(pool, &past, NULL);
}

static void await_alive(struct pool *pool, size_t alive)
{
    for (bool there = false; !there; sched_yield()) {
        lock_take(&pool->lock);
        there = pool->alive == alive;
        lock_drop(&pool->lock);
    }
}

/* One thread is in the middle of discarding: what it has not come to yet is no worker's any more, and nobody
 * else returns. */
static void a_stop_waits_for_another_ones_discard(void **state)
{
    (void)state;
    struct gate gate, slow_gate;
    struct slow slow = {.gate = &slow_gate}, quick = {.gate = NULL};
    struct call late, stop;
    struct pool *pool;
    struct pool_options options = {.workers = 1, .capacity = 2, .discard = discard_slowly};
    assert_int_equal(pool_create(&pool, &options), POOL_OK);
    gate_init(&slow_gate);
    hold_worker(pool, &gate);
    assert_int_equal(pool_submit(pool, token_run, &slow), POOL_OK);
    assert_int_equal(pool_submit(pool, token_run, &quick), POOL_OK);

    call_end(&late, time_out, pool);
    semaphore_wait(&slow_gate.arrived);
    gate_open(&gate);
    await_alive(pool, 0);
    call_end(&stop, pool_stop, pool);
    await_sleepers(pool, &pool->ended, 1);
    assert_fate(&quick.token, 0, 1, 0);
    assert_false(stop.returned);
    gate_open(&slow_gate);
    assert_int_equal(call_join(&stop), POOL_OK);
    assert_fate(&slow.token, 0, 1, 0);
    assert_int_equal(call_join(&late), POOL_TIMED_OUT);
    pool_destroy(pool);
    gate_release(&gate);
    gate_release(&slow_gate);
}

static void a_destroy_lets_waiting_threads_out_first(void **state)
{
    (void)state;
    enum { ROUNDS = 20, BLOCKED = 3 };
    for (int round = 0; round < ROUNDS;
         round++) { /* freed memory would be touched by them, or theirs by a worker */
        struct token token = {0};
        struct call waiting, blocked[BLOCKED];
        struct gate gate;
        struct pool *pool = pool_make(1, 1);

        hold_worker(pool, &gate);
        call_submit(&waiting, pool_submit_wait, pool, token_run, &token);
        while (pool_counts(pool).queued < 1)
            sched_yield();
        for (int i = 0; i < BLOCKED; i++)
            call_submit(&blocked[i], i ? pool_submit : pool_submit_wait, pool, token_run, &token);
        await_sleepers(pool, &pool->room, BLOCKED);
        gate_open(&gate);
        pool_destroy(pool);
        enum pool_status status = call_join(&waiting);
        assert_true(status == POOL_OK || status == POOL_DISCARDED);
        for (int i = 0; i < BLOCKED; i++) {
            status = call_join(&blocked[i]);
            assert_true(status == POOL_OK || status == POOL_STOPPED || status == POOL_DISCARDED);
        }
        gate_release(&gate);
    }
}

#ifndef NDEBUG
static void destroy_own_pool(void *arg)
{
    fclose(stderr); /* the assertion's words are expected and of no use */
    pool_destroy(*(struct pool **)arg);
}
#endif

static void a_destroy_from_inside_is_caught(void **state)
{
    (void)state;
#ifdef NDEBUG
    skip();
#else
    int status;
    pid_t child = fork();
    if (child == 0) {
        struct pool *pool;
        if (pool_create(&pool, &(struct pool_options){.workers = 1, .capacity = 1}) == POOL_OK)
            (void)!pool_submit_wait(pool, destroy_own_pool, &pool);
        _exit(0);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
#endif
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        CASE(a_destroy_from_inside_is_caught), /* first: it forks, and no thread of another case may be about
                                                */
        CASE(a_drain_runs_what_waits),
        CASE(a_stop_discards_what_waits),
        CASE(a_destroy_stops_first),
        CASE(discarding_needs_no_function),
        CASE(ends_may_be_repeated),
        CASE(several_ends_at_once_all_return),
        CASE(a_stop_cuts_a_drain_short),
        CASE(a_drain_does_not_undo_a_stop),
        CASE(a_destroy_waits_for_what_a_timed_drain_left),
        CASE(a_stop_waits_for_another_ones_discard),
        CASE(a_destroy_lets_waiting_threads_out_first),
    };
    return cmocka_run_group_tests_name("core: stop", cases, NULL, NULL);
}
