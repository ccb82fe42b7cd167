/* test_submit.c - the submits of the core pool: what they answer, in which order tasks run, who is let in.
 *
 * Not here: how a pool ends (test_stop.c), deadlines (test_until.c), waiting for the task (test_wait.c),
 * submits from inside (test_inside.c), failures of the system (test_system.c).
 */
#include "core_test.h"
#include <string.h>

static void every_status_has_a_text(void **state)
{
    (void)state;
    for (int a = POOL_OK; a <= POOL_SYSTEM; a++) {
        assert_true(strlen(pool_status_text((enum pool_status)a)) > 3);
        for (int b = POOL_OK; b < a; b++)
            assert_string_not_equal(pool_status_text((enum pool_status)a),
                                    pool_status_text((enum pool_status)b));
    }
    assert_string_equal(pool_status_text((enum pool_status)(POOL_SYSTEM + 1)), "unknown status");
    assert_string_equal(pool_status_text((enum pool_status) - 1), "unknown status");
}

static void options_out_of_range_are_refused(void **state)
{
    (void)state;
    static const struct pool_options bad[] = {
        {.workers = 0, .capacity = 1},
        {.workers = POOL_MAX_WORKERS + 1, .capacity = 1},
        {.workers = 1, .capacity = 0},
        {.workers = 1, .capacity = SIZE_MAX},
        {.workers = 1,
         .capacity = SIZE_MAX / sizeof(struct pool_item) + 2}, /* the product wraps round to few bytes */
    };
    struct pool *const poison = (struct pool *)state;
    struct pool *pool;

    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        pool = poison;
        assert_int_equal(pool_create(&pool, &bad[i]), POOL_INVALID);
        assert_null(pool);
    }
    pool = poison;
    assert_int_equal(pool_create(&pool, NULL), POOL_INVALID);
    assert_null(pool);
    assert_int_equal(pool_create(NULL, &(struct pool_options){.workers = 1, .capacity = 1}), POOL_INVALID);
}

static void invalid_arguments_are_refused(void **state)
{
    (void)state;
    struct timespec good = pool_deadline_after(0);
    struct timespec bad[] = {{.tv_sec = good.tv_sec, .tv_nsec = -1},
                             {.tv_sec = good.tv_sec, .tv_nsec = 1000000000}};
    struct token token = {0};
    struct pool *pool = pool_make(1, 1);

    assert_int_equal(pool_submit(NULL, token_run, &token), POOL_INVALID);
    assert_int_equal(pool_submit(pool, NULL, &token), POOL_INVALID);
    assert_int_equal(pool_try_submit(NULL, token_run, &token), POOL_INVALID);
    assert_int_equal(pool_try_submit(pool, NULL, &token), POOL_INVALID);
    assert_int_equal(pool_submit_wait(NULL, token_run, &token), POOL_INVALID);
    assert_int_equal(pool_submit_wait(pool, NULL, &token), POOL_INVALID);
    assert_int_equal(pool_submit_until(NULL, token_run, &token, &good), POOL_INVALID);
    assert_int_equal(pool_submit_until(pool, NULL, &token, &good), POOL_INVALID);
    assert_int_equal(pool_submit_until(pool, token_run, &token, NULL), POOL_INVALID);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(pool_submit_until(pool, token_run, &token, &bad[i]), POOL_INVALID);
        assert_int_equal(pool_drain_until(pool, &bad[i], NULL), POOL_INVALID);
    }
    assert_int_equal(pool_drain_until(pool, NULL, NULL), POOL_INVALID);
    assert_int_equal(pool_drain_until(NULL, &good, NULL), POOL_INVALID);
    assert_int_equal(pool_stop(NULL), POOL_INVALID);
    assert_int_equal(pool_drain(NULL), POOL_INVALID);
    assert_int_equal(pool_counts(NULL).submitted, 0);
    pool_destroy(NULL);

    assert_int_equal(pool_counts(pool).refused, 0); /* an invalid call offers nothing that could be refused */
    assert_int_equal(pool_submit_wait(pool, token_run, &token), POOL_OK); /* and has not stopped the pool */
    assert_fate(&token, 1, 0, 0);
    pool_destroy(pool);
}

/* --- order and room ---------------------------------------------------------------------------------------
 */

struct diary {
    int entries[100];
    int count; /* written by the one worker */
};

struct line {
    struct diary *diary;
    int number;
};

static void write_line(void *arg)
{
    struct line *line = arg;
    line->diary->entries[line->diary->count++] = line->number;
}

static void one_worker_runs_in_order(void **state)
{
    (void)state;
    enum { ALL = 100 };
    struct diary diary = {.count = 0};
    struct line lines[ALL];
    struct pool *pool = pool_make(1, 3); /* the ring goes round many times */

    for (int i = 0; i < ALL; i++) {
        lines[i] = (struct line){.diary = &diary, .number = i};
        assert_int_equal(pool_submit(pool, write_line, &lines[i]), POOL_OK);
    }
    assert_int_equal(pool_drain(pool), POOL_OK);
    assert_int_equal(diary.count, ALL);
    for (int i = 0; i < ALL; i++)
        assert_int_equal(diary.entries[i], i);
    pool_destroy(pool);
}

static void capacity_is_exact(void **state)
{
    (void)state;
    for (size_t capacity = 1; capacity <= 9; capacity++) {
        struct token tokens[10] = {0};
        struct gate gate;
        struct pool *pool = pool_make(1, capacity);

        hold_worker(pool, &gate);
        assert_int_equal(fill(pool, tokens), capacity);
        assert_int_equal(pool_counts(pool).queued, capacity);
        assert_int_equal(pool_try_submit(pool, token_run, &tokens[capacity]), POOL_FULL);
        assert_int_equal(pool_counts(pool).queued, capacity);
        assert_int_equal(pool_counts(pool).refused, 2); /* the one that ended the filling, and this */
        gate_open(&gate);
        await_idle(pool);
        assert_int_equal(pool_try_submit(pool, token_run, &tokens[capacity]), POOL_OK);
        assert_int_equal(pool_drain(pool), POOL_OK);
        for (size_t i = 0; i <= capacity; i++)
            assert_fate(&tokens[i], 1, 0, 0);
        pool_destroy(pool);
        gate_release(&gate);
    }
}

static void taken_slots_are_cleared(void **state)
{
    (void)state;
    enum { CAPACITY = 4 };
    struct token tokens[CAPACITY + 1] = {0};
    struct gate gate;
    struct pool *pool = pool_make(1, CAPACITY);

    hold_worker(pool, &gate);
    fill(pool, tokens);
    gate_open(&gate);
    assert_int_equal(pool_drain(pool), POOL_OK);
    for (int i = 0; i < CAPACITY; i++) {
        assert_null(pool->queue.slots[i].arg);
        assert_null(pool->queue.slots[i].run);
    }
    pool_destroy(pool);
    gate_release(&gate);
}

/* --- waiting for room -------------------------------------------------------------------------------------
 */

static void blocked_submits_are_let_in_by_a_worker(void **state)
{
    (void)state;
    enum { BLOCKED = 3 };
    static submit_call *const kinds[] = {pool_submit, submit_until_far, pool_submit_wait};
    for (int kind = 0; kind < 3; kind++) {
        struct token queued[2] = {0}, tokens[BLOCKED] = {0};
        struct call calls[BLOCKED];
        struct gate gate;
        struct pool *pool = pool_make(1, 1);

        hold_worker(pool, &gate);
        assert_int_equal(fill(pool, queued), 1);
        for (int i = 0; i < BLOCKED; i++)
            call_submit(&calls[i], kinds[kind], pool, token_run, &tokens[i]);
        await_sleepers(pool, &pool->room, BLOCKED);
        assert_int_equal(pool_counts(pool).queued, 1);
        gate_open(&gate);
        for (int i = 0; i < BLOCKED; i++)
            assert_int_equal(call_join(&calls[i]), POOL_OK);
        assert_int_equal(pool_drain(pool), POOL_OK);
        for (int i = 0; i < BLOCKED; i++)
            assert_fate(&tokens[i], 1, 0, 0);
        assert_balance(pool);
        pool_destroy(pool);
        gate_release(&gate);
    }
}

static enum pool_status drain_until_past(struct pool *pool)
{
    struct timespec deadline = pool_deadline_after(-1000);
    return pool_drain_until(pool, &deadline, NULL);
}

/* As an end call: everything that lets blocked submitters out does so before it waits for the task that is
 * stuck. */
static enum pool_status destroy(struct pool *pool)
{
    pool_destroy(pool);
    return POOL_OK;
}

/* Every end lets blocked submitters out before it waits for the task that is stuck. */
static void blocked_submits_are_let_out_by_the_end(void **state)
{
    (void)state;
    enum { BLOCKED = 3 };
    static submit_call *const kinds[BLOCKED] = {pool_submit, submit_until_far, pool_submit_wait};
    static end_call *const ends[] = {pool_stop, pool_drain, drain_until_past, destroy};
    for (int end = 0; end < 4; end++) {
        struct token queued[2] = {0}, tokens[BLOCKED] = {0};
        struct call calls[BLOCKED], ending;
        struct gate gate;
        struct pool *pool = pool_make(1, 1);

        hold_worker(pool, &gate);
        assert_int_equal(fill(pool, queued), 1);
        for (int i = 0; i < BLOCKED; i++)
            call_submit(&calls[i], kinds[i], pool, token_run, &tokens[i]);
        await_sleepers(pool, &pool->room, BLOCKED);
        call_end(&ending, ends[end], pool);
        for (int i = 0; i < BLOCKED; i++)
            assert_int_equal(call_join(&calls[i]), POOL_STOPPED);
        if (ends[end] == drain_until_past)
            assert_int_equal(call_join(&ending), POOL_TIMED_OUT);
        gate_open(&gate);
        if (ends[end] != drain_until_past)
            assert_int_equal(call_join(&ending), POOL_OK);
        for (int i = 0; i < BLOCKED; i++)
            assert_fate(&tokens[i], 0, 0, 0); /* still the submitter's */
        if (ends[end] == pool_drain)
            assert_fate(&queued[0], 1, 0, 0);
        else
            assert_fate(&queued[0], 0, 1, 0);
        if (ends[end] != destroy)
            pool_destroy(pool);
        gate_release(&gate);
    }
}

/* --- counting ---------------------------------------------------------------------------------------------
 */

static void counts_follow_every_step(void **state)
{
    (void)state;
    struct token tokens[4] = {0};
    struct gate gate;
    struct pool *pool = pool_make(1, 2);
    struct pool_counts now = pool_counts(pool);
    assert_true(now.submitted == 0 && now.completed == 0 && now.queued == 0 && now.running == 0);

    hold_worker(pool, &gate);
    now = pool_counts(pool);
    assert_true(now.submitted == 1 && now.running == 1 && now.queued == 0 && now.completed == 0);
    fill(pool, tokens);
    now = pool_counts(pool);
    assert_true(now.submitted == 3 && now.running == 1 && now.queued == 2 && now.refused == 1);
    gate_open(&gate);
    await_idle(pool);
    now = pool_counts(pool);
    assert_true(now.submitted == 3 && now.completed == 3 && now.running == 0 && now.queued == 0);

    gate_release(&gate);
    hold_worker(pool, &gate);
    fill(pool, tokens + 2);
    struct call stop;
    call_end(&stop, pool_stop, pool);
    await_sleepers(pool, &pool->ended, 1);
    now = pool_counts(pool);
    assert_true(now.submitted == 6 && now.completed == 3 && now.discarded == 2 && now.running == 1);
    assert_true(now.queued == 0);
    gate_open(&gate);
    assert_int_equal(call_join(&stop), POOL_OK);
    now = pool_counts(pool);
    assert_true(now.submitted == 6 && now.completed == 4 && now.discarded == 2 && now.running == 0);
    assert_int_equal(now.refused, 2);
    pool_destroy(pool);
    gate_release(&gate);
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        CASE(every_status_has_a_text),
        CASE(options_out_of_range_are_refused),
        CASE(invalid_arguments_are_refused),
        CASE(one_worker_runs_in_order),
        CASE(capacity_is_exact),
        CASE(taken_slots_are_cleared),
        CASE(blocked_submits_are_let_in_by_a_worker),
        CASE(blocked_submits_are_let_out_by_the_end),
        CASE(counts_follow_every_step),
    };
    return cmocka_run_group_tests_name("core: submit", cases, NULL, NULL);
}
