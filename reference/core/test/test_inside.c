/* test_inside.c - calls from inside the core pool: from its tasks and its discard functions.
 *
 * What would make a worker wait for itself is refused, at once and without a change; all else works as from
 * outside.
 */
#include "core_test.h"

/* --- from inside ------------------------------------------------------------------------------------------
 */

struct insider {
    struct pool *pool;
    struct gate gate;
    submit_call *submit;
    struct token token;
    enum pool_status status;
};

static void submit_from_inside(void *arg)
{
    struct insider *insider = arg;
    gate_pass(&insider->gate);
    insider->status = insider->submit(insider->pool, token_run, &insider->token);
}

/* Start a task that stands in its gate and then submits. */
static void insider_enter(struct insider *insider, struct pool *pool, submit_call *submit)
{
    *insider = (struct insider){.pool = pool, .submit = submit, .status = POOL_INVALID};
    gate_init(&insider->gate);
    assert_int_equal(pool_submit(pool, submit_from_inside, insider), POOL_OK);
    semaphore_wait(&insider->gate.arrived);
}

static void a_task_may_submit_where_there_is_room(void **state)
{
    (void)state;
    static submit_call *const kinds[] = {pool_submit, pool_try_submit, submit_until_far, submit_until_past};
    for (int i = 0; i < 4; i++) {
        struct insider insider;
        struct pool *pool = pool_make(1, 1);
        insider_enter(&insider, pool, kinds[i]);
        gate_open(&insider.gate);
        await_idle(pool);
        pool_destroy(pool);
        assert_int_equal(insider.status, POOL_OK);
        assert_fate(&insider.token, 1, 0, 0);
        gate_release(&insider.gate);
    }
}

static void a_task_never_waits_for_room_without_end(void **state)
{
    (void)state;
    static const struct {
        submit_call *submit;
        enum pool_status answer;
    } kinds[] = {{pool_submit, POOL_WOULD_DEADLOCK},
                 {pool_try_submit, POOL_FULL},
                 {submit_until_past, POOL_TIMED_OUT},
                 {pool_submit_wait, POOL_WOULD_DEADLOCK}};
    for (int i = 0; i < 4; i++) {
        struct token queued[2] = {0};
        struct insider insider;
        struct pool *pool = pool_make(1, 1);
        insider_enter(&insider, pool, kinds[i].submit);
        fill(pool, queued);
        gate_open(&insider.gate);
        await_idle(pool);
        assert_int_equal(pool_drain(pool), POOL_OK);
        assert_int_equal(insider.status, kinds[i].answer);
        assert_int_equal(pool_counts(pool).refused, 2); /* the one that ended the filling, and the task's */
        assert_fate(&insider.token, 0, 0, 0);
        assert_fate(&queued[0], 1, 0, 0);
        pool_destroy(pool);
        gate_release(&insider.gate);
    }
}

static void a_task_may_wait_for_room_with_a_deadline(void **state)
{
    (void)state;
    struct token queued[2] = {0};
    struct insider insider;
    struct gate other;
    struct pool *pool = pool_make(2, 1);

    hold_worker(pool, &other);
    insider_enter(&insider, pool, submit_until_far);
    fill(pool, queued);
    gate_open(&insider.gate);
    await_sleepers(pool, &pool->room, 1);
    gate_open(&other); /* the other worker makes room */
    await_idle(pool);
    pool_destroy(pool);
    assert_int_equal(insider.status, POOL_OK);
    assert_fate(&insider.token, 1, 0, 0);
    gate_release(&insider.gate);
    gate_release(&other);
}

static void a_task_of_another_pool_waits_for_room(void **state)
{
    (void)state;
    struct token queued[2] = {0};
    struct insider insider;
    struct gate gate;
    struct pool *pool = pool_make(1, 1), *other = pool_make(1, 1);

    hold_worker(pool, &gate);
    fill(pool, queued);
    insider_enter(&insider, other, pool_submit);
    insider.pool = pool; /* the task stands in its gate and reads this after it */
    gate_open(&insider.gate);
    await_sleepers(pool, &pool->room, 1);
    gate_open(&gate);
    assert_int_equal(pool_drain(other), POOL_OK);
    assert_int_equal(insider.status, POOL_OK);
    assert_int_equal(pool_drain(pool), POOL_OK);
    assert_fate(&insider.token, 1, 0, 0);
    pool_destroy(other);
    pool_destroy(pool);
    gate_release(&insider.gate);
    gate_release(&gate);
}

/* --- ending from inside -----------------------------------------------------------------------------------
 */

struct ends {
    struct pool *pool;
    enum pool_status stop, drain, drain_until;
    struct pool_leftover left;
};

static void end_from_inside(void *arg)
{
    struct ends *ends = arg;
    struct timespec past = pool_deadline_after(-1000);
    ends->stop = pool_stop(ends->pool);
    ends->drain = pool_drain(ends->pool);
    ends->drain_until = pool_drain_until(ends->pool, &past, &ends->left);
}

static void assert_ends_refused(const struct ends *ends)
{
    assert_int_equal(ends->stop, POOL_WOULD_DEADLOCK);
    assert_int_equal(ends->drain, POOL_WOULD_DEADLOCK);
    assert_int_equal(ends->drain_until, POOL_WOULD_DEADLOCK);
    assert_int_equal(ends->left.discarded + ends->left.running, 0);
}

static void a_task_cannot_end_its_own_pool(void **state)
{
    (void)state;
    struct token token = {0};
    struct pool *pool = pool_make(2, 2);
    struct ends ends = {.pool = pool, .left = {7, 7}};
    assert_int_equal(pool_submit_wait(pool, end_from_inside, &ends), POOL_OK);
    assert_ends_refused(&ends);
    assert_int_equal(pool_submit_wait(pool, token_run, &token), POOL_OK); /* nothing changed */
    pool_destroy(pool);
}

static void a_task_may_end_another_pool(void **state)
{
    (void)state;
    struct pool *pool = pool_make(1, 1), *other = pool_make(1, 1);
    struct ends ends = {.pool = other, .left = {7, 7}};
    assert_int_equal(pool_submit_wait(pool, end_from_inside, &ends), POOL_OK);
    assert_int_equal(ends.stop, POOL_OK);
    assert_int_equal(ends.drain, POOL_OK);
    assert_int_equal(ends.drain_until, POOL_OK);
    assert_int_equal(ends.left.discarded + ends.left.running, 0);
    pool_destroy(pool);
    pool_destroy(other);
}

struct nosy {
    struct ends ends;
    struct token token;
    struct pool *other; /* stopped by a task of this pool, or NULL */
    enum pool_status wait, submit, other_wait;
    unsigned long long discarded;
};

/* A discard function that calls everything. If the pool called it under its lock, this would never return. */
static void discard_nosily(void *arg)
{
    struct nosy *nosy = arg;
    if (!nosy)
        return;
    end_from_inside(&nosy->ends);
    nosy->wait = pool_submit_wait(nosy->ends.pool, token_run, &nosy->token);
    nosy->submit = pool_submit(nosy->ends.pool, token_run, &nosy->token);
    nosy->discarded = pool_counts(nosy->ends.pool).discarded;
    if (nosy->other)
        nosy->other_wait = pool_submit_wait(nosy->other, token_run, &nosy->token);
}

static struct pool *make_nosy(struct nosy *nosy)
{
    struct pool_options options = {.workers = 1, .capacity = 1, .discard = discard_nosily};
    *nosy = (struct nosy){.ends.left = {7, 7}};
    assert_int_equal(pool_create(&nosy->ends.pool, &options), POOL_OK);
    return nosy->ends.pool;
}

static void assert_nosy(const struct nosy *nosy)
{
    assert_ends_refused(&nosy->ends);
    assert_int_equal(nosy->wait, POOL_WOULD_DEADLOCK);
    assert_int_equal(nosy->submit, POOL_STOPPED);
    assert_int_equal(nosy->discarded, 1);
    assert_fate(&nosy->token, 0, 0, 0);
}

static void a_discard_function_is_inside(void **state)
{
    (void)state;
    struct nosy nosy;
    struct gate gate;
    struct pool *pool = make_nosy(&nosy);
    struct timespec past = pool_deadline_after(-1000);

    hold_worker(pool, &gate);
    assert_int_equal(pool_submit(pool, token_run, &nosy), POOL_OK);
    assert_int_equal(pool_drain_until(pool, &past, NULL), POOL_TIMED_OUT);
    assert_nosy(&nosy);
    gate_open(&gate);
    assert_int_equal(pool_stop(pool), POOL_OK); /* this thread is outside again */
    pool_destroy(pool);
    gate_release(&gate);
}

struct stopper {
    struct pool *pool;
    enum pool_status status;
};

static void time_out(void *arg)
{
    struct stopper *stopper = arg;
    struct timespec past = pool_deadline_after(-1000);
    stopper->status = pool_drain_until(stopper->pool, &past, NULL);
}

static void a_discard_function_may_be_inside_two_pools(void **state)
{
    (void)state;
    struct nosy nosy;
    struct gate gate;
    struct pool *pool = make_nosy(&nosy), *outer = pool_make(1, 1);
    struct stopper stopper = {.pool = pool};

    nosy.other = outer;
    hold_worker(pool, &gate);
    assert_int_equal(pool_submit(pool, token_run, &nosy), POOL_OK);
    assert_int_equal(pool_submit_wait(outer, time_out, &stopper), POOL_OK);
    assert_int_equal(stopper.status, POOL_TIMED_OUT);
    assert_nosy(&nosy);
    assert_int_equal(nosy.other_wait,
                     POOL_WOULD_DEADLOCK); /* the discard ran in the outer pool's one worker */
    gate_open(&gate);
    pool_destroy(pool);
    pool_destroy(outer);
    gate_release(&gate);
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        CASE(a_task_may_submit_where_there_is_room),
        CASE(a_task_never_waits_for_room_without_end),
        CASE(a_task_may_wait_for_room_with_a_deadline),
        CASE(a_task_of_another_pool_waits_for_room),
        CASE(a_task_cannot_end_its_own_pool),
        CASE(a_task_may_end_another_pool),
        CASE(a_discard_function_is_inside),
        CASE(a_discard_function_may_be_inside_two_pools),
    };
    return cmocka_run_group_tests_name("core: inside", cases, NULL, NULL);
}
