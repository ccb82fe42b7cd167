/* test_fast.c - the switches that buy speed: batches and hands, own deques, spinning, helping; unbounded
 * queues; submits of many tasks; waiting for quiet. Each with what it must not give up.
 */
#include "options_test.h"

/* --- hands ---------------------------------------------------------------------------------------------- */

/* A worker that is stuck in its first task has others in its hand: whoever is idle gets them. */
static void what_a_worker_holds_others_may_take(void **state)
{
    (void)state;
    enum { TASKS = 12 };
    struct token tokens[TASKS] = {0};
    struct gate gates[2], stuck;
    struct pool_options options = {.workers = 2, .queue = POOL_UNBOUNDED, .batch = 32};
    struct pool *pool = pool_with(&options);
    for (int i = 0; i < 2; i++)
        hold_worker(pool, &gates[i]);
    gate_init(&stuck);
    submit_ok(pool, gate_pass, &stuck);
    for (int i = 0; i < TASKS; i++)
        submit_ok(pool, token_run, &tokens[i]);
    gate_open(&gates[0]);
    semaphore_wait(&stuck.arrived); /* it took its share with it: half of 13 */
    assert_true(pool_held(pool) > 0);
    struct pool_counts now = pool_counts(pool);
    assert_true(now.queued == TASKS && now.running == 2); /* what is held has not begun */
    gate_open(&gates[1]);
    while (pool_counts(pool).completed < TASKS + 2)
        sched_yield();
    assert_int_equal(pool_held(pool), 0);
    finish(pool, &stuck);
    for (int i = 0; i < TASKS; i++)
        assert_fate(&tokens[i], 1, 0, 0);
    for (int i = 0; i < 2; i++)
        gate_release(&gates[i]);
}

static void a_sleeper_keeps_hands_empty(void **state)
{
    (void)state;
    struct token tokens[8] = {0};
    struct gate gate;
    struct pool_options options = {.workers = 1, .queue = POOL_UNBOUNDED, .batch = 8, .ceiling = 2};
    struct pool *pool = pool_with(&options);
    assert_int_equal(pool_pause(pool), POOL_OK);
    gate_init(&gate);
    submit_ok(pool, gate_pass, &gate);
    for (int i = 0; i < 8; i++)
        submit_ok(pool, token_run, &tokens[i]);
    assert_int_equal(pool_resume(pool), POOL_OK);
    semaphore_wait(&gate.arrived);
    assert_int_equal(pool_held(pool), 7);            /* alone, it takes all that it may */
    assert_int_equal(pool_resize(pool, 2), POOL_OK); /* who comes later looks into its hand */
    while (pool_counts(pool).completed < 8)
        sched_yield();
    finish(pool, &gate);
}

/* Both workers sleep, and the pause keeps anybody from calling them; this thread takes in the first one's
 * name, as a spinner might. */
static void nothing_is_dealt_while_somebody_sleeps(void **state)
{
    (void)state;
    struct token tokens[8] = {0};
    struct pool_item job = {0};
    struct pool_options options = {.workers = 2, .queue = POOL_UNBOUNDED, .batch = 8};
    struct pool *pool = pool_with(&options);
    await_idle_workers(pool, 2);
    assert_int_equal(pool_pause(pool), POOL_OK);
    for (int i = 0; i < 8; i++)
        submit_ok(pool, token_run, &tokens[i]);
    lock_take(&pool->lock);
    bool taken = pool_take_queued_locked(&pool->workers[0], &job);
    size_t held = hand_count(&pool->workers[0].hand);
    tally_add(&pool->workers[0].tally.completed);
    lock_drop(&pool->lock);
    assert_true(taken && held == 0);
    job.run(job.arg);
    assert_int_equal(pool_drain(pool), POOL_OK);
    assert_balance(pool);
    for (int i = 0; i < 8; i++)
        assert_fate(&tokens[i], 1, 0, 0);
    pool_destroy(pool);
}

static void an_end_discards_what_is_held(void **state)
{
    (void)state;
    struct token tokens[6] = {0};
    struct gate first, second;
    struct timespec past = pool_deadline_after(-1000);
    struct pool_leftover left;
    struct pool_options options = {
        .workers = 1, .queue = POOL_UNBOUNDED, .batch = 4, .discard = token_discard};
    struct pool *pool = pool_with(&options);
    hold_worker(pool, &first);
    gate_init(&second);
    submit_ok(pool, gate_pass, &second);
    for (int i = 0; i < 6; i++)
        submit_ok(pool, token_run, &tokens[i]);
    gate_open(&first);
    semaphore_wait(&second.arrived); /* three in the hand, three in the queue */
    assert_int_equal(pool_held(pool), 3);
    assert_int_equal(pool_drain_until(pool, &past, &left), POOL_TIMED_OUT);
    assert_true(left.discarded == 6 && left.running == 1);
    for (int i = 0; i < 6; i++)
        assert_fate(&tokens[i], 0, 1, 0);
    gate_open(&second);
    assert_int_equal(pool_stop(pool), POOL_OK);
    assert_balance(pool);
    pool_destroy(pool);
    gate_release(&first);
    gate_release(&second);
}

/* --- trees ---------------------------------------------------------------------------------------------- */

struct forest {
    struct pool *pool;
    atomic_int planted, refused;
    struct sapling {
        struct forest *forest;
        int depth;
    } saplings[12]; /* by depth */
};

static void plant(void *arg)
{
    struct sapling *sapling = arg;
    struct forest *forest = sapling->forest;
    atomic_fetch_add(&forest->planted, 1);
    for (int i = 0; i < 2 && sapling->depth > 0; i++)
        if (pool_submit(forest->pool, plant, sapling - 1) != POOL_OK)
            atomic_fetch_add(&forest->refused, 1);
}

static void forest_init(struct forest *forest, const struct pool_options *options)
{
    *forest = (struct forest){.pool = pool_with(options)};
    for (int i = 0; i < 12; i++)
        forest->saplings[i] = (struct sapling){.forest = forest, .depth = i};
}

static void a_tree_grows_in_own_deques(void **state)
{
    (void)state;
    for (unsigned spin = 0; spin < 2; spin++) {
        struct forest forest;
        forest_init(&forest, &(struct pool_options){.workers = 3,
                                                    .queue = POOL_UNBOUNDED,
                                                    .inner = POOL_INNER_OWN,
                                                    .batch = 8,
                                                    .spin_us = spin * 50});
        submit_ok(forest.pool, plant, &forest.saplings[11]);
        assert_int_equal(pool_wait_idle(forest.pool, NULL), POOL_OK);
        assert_int_equal(forest.planted, 4095);
        assert_int_equal(pool_counts(forest.pool).submitted, 4095);
        assert_int_equal(pool_counts(forest.pool).completed, 4095);
        assert_balance(forest.pool);
        pool_destroy(forest.pool);
    }
}

static void a_tree_is_felled(void **state)
{
    (void)state;
    for (int round = 0; round < 20; round++) {
        struct forest forest;
        forest_init(&forest,
                    &(struct pool_options){.workers = 3, .queue = POOL_UNBOUNDED, .inner = POOL_INNER_OWN});
        submit_ok(forest.pool, plant, &forest.saplings[11]);
        while (forest.planted < round * 10)
            sched_yield();
        assert_int_equal(round % 2 ? pool_stop(forest.pool) : pool_drain(forest.pool), POOL_OK);
        struct pool_counts now = pool_counts(forest.pool);
        assert_int_equal(now.completed, forest.planted);
        assert_int_equal(now.refused, forest.refused);
        assert_true(now.queued + now.running == 0);
        assert_balance(forest.pool);
        pool_destroy(forest.pool);
    }
}

struct pair {
    struct pool *pool;
    struct token token;
};

/* Submits to its own deque, then waits for that task to have run: only a thief can run it. */
static void wait_for_a_thief(void *arg)
{
    struct pair *pair = arg;
    if (pool_submit(pair->pool, token_run, &pair->token) == POOL_OK)
        while (pair->token.ran == 0)
            sched_yield();
}

static void a_push_inside_wakes_a_thief(void **state)
{
    (void)state;
    for (int round = 0; round < 200; round++) {
        struct pair pair = {.pool = NULL};
        pair.pool =
            pool_with(&(struct pool_options){.workers = 2, .queue = POOL_UNBOUNDED, .inner = POOL_INNER_OWN});
        submit_ok(pair.pool, wait_for_a_thief, &pair);
        assert_int_equal(pool_drain(pair.pool), POOL_OK);
        assert_true(pair.token.ran == 1 || pool_counts(pair.pool).refused == 1);
        pool_destroy(pair.pool);
    }
}

/* --- helping -------------------------------------------------------------------------------------------- */

struct nest {
    struct pool *pool;
    int depth, failed;
};

static void nest(void *arg)
{
    struct nest *me = arg;
    if (me->depth == 0)
        return;
    me->depth--;
    me->failed += pool_submit_wait(me->pool, nest, me) != POOL_OK;
}

static void waiting_inside_helps(void **state)
{
    (void)state;
    struct nest me = {.depth = 20};
    struct pool_options options = {.workers = 1, .capacity = 1, .waiting = POOL_WAITING_HELPS};
    me.pool = pool_with(&options);
    submit_ok(me.pool, nest, &me); /* where a sleeping wait would be refused, or wait for itself */
    assert_int_equal(pool_wait_idle(me.pool, NULL), POOL_OK);
    assert_true(me.depth == 0 && me.failed == 0);
    assert_int_equal(pool_counts(me.pool).completed, 21);
    assert_int_equal(pool_stop(me.pool), POOL_OK);
    assert_int_equal(pool_submit_wait(me.pool, nest, &me), POOL_STOPPED);
    pool_destroy(me.pool);
}

struct flood {
    struct pool *pool;
    struct token tokens[4];
    enum pool_status answers[4];
};

static void flood_from_inside(void *arg)
{
    struct flood *flood = arg;
    for (int i = 0; i < 4; i++)
        flood->answers[i] = pool_submit(flood->pool, token_run, &flood->tokens[i]);
}

static void a_full_queue_inside_is_helped_too(void **state)
{
    (void)state;
    struct flood flood = {.pool = NULL};
    struct pool_options options = {.workers = 1, .capacity = 1, .waiting = POOL_WAITING_HELPS};
    flood.pool = pool_with(&options);
    submit_ok(flood.pool, flood_from_inside, &flood);
    assert_int_equal(pool_wait_idle(flood.pool, NULL), POOL_OK);
    for (int i = 0; i < 4; i++) {
        assert_int_equal(flood.answers[i], POOL_OK);
        assert_fate(&flood.tokens[i], 1, 0, 0);
    }
    pool_destroy(flood.pool);
}

static void helpers_outside_respect_a_pause(void **state)
{
    (void)state;
    struct token token = {0};
    struct call call;
    struct pool_options options = {.workers = 1, .capacity = 1, .waiting = POOL_WAITING_HELPS};
    struct pool *pool = pool_with(&options);
    assert_int_equal(pool_pause(pool), POOL_OK);
    call_submit(&call, pool_submit_wait, pool, token_run, &token);
    while (pool_counts(pool).queued < 1)
        sched_yield();
    assert_fate(&token, 0, 0, 0);
    assert_int_equal(pool_resume(pool), POOL_OK);
    assert_int_equal(call_join(&call), POOL_OK);
    pool_destroy(pool);
}

/* --- many at once, and quiet ---------------------------------------------------------------------------- */

static void a_batch_is_taken_as_far_as_there_is_room(void **state)
{
    (void)state;
    struct token tokens[6] = {0};
    struct pool_item items[6];
    struct gate gate;
    size_t taken = 77;
    struct pool *pool = pool_make(1, 4);
    for (int i = 0; i < 6; i++)
        items[i] = (struct pool_item){token_run, &tokens[i]};
    hold_worker(pool, &gate);
    assert_int_equal(pool_submit_batch(pool, items, 0, &taken), POOL_OK);
    assert_int_equal(taken, 0);
    assert_int_equal(pool_submit_batch(pool, items, 6, &taken), POOL_FULL);
    assert_int_equal(taken, 4);
    assert_int_equal(pool_counts(pool).refused, 2);
    assert_int_equal(pool_submit_batch(NULL, items, 6, &taken), POOL_INVALID);
    assert_int_equal(pool_submit_batch(pool, NULL, 6, NULL), POOL_INVALID);
    items[1].run = NULL;
    assert_int_equal(pool_submit_batch(pool, items, 2, &taken), POOL_INVALID);
    assert_int_equal(taken, 0);
    finish(pool, &gate);
    for (int i = 0; i < 6; i++)
        assert_fate(&tokens[i], i < 4, 0, 0);
}

static void a_batch_calls_as_many_as_it_needs(void **state)
{
    (void)state;
    struct gate gates[3];
    struct pool_item items[3];
    struct pool *pool = pool_make(4, 8);
    await_idle_workers(pool, 4);
    for (int i = 0; i < 3; i++) {
        gate_init(&gates[i]);
        items[i] = (struct pool_item){gate_pass, &gates[i]};
    }
    assert_int_equal(pool_submit_batch(pool, items, 3, NULL), POOL_OK);
    assert_int_equal(pool_counts(pool).idle, 1);
    for (int i = 0; i < 3; i++) {
        semaphore_wait(&gates[i].arrived); /* all three run at once */
        gate_open(&gates[i]);
    }
    assert_int_equal(pool_drain(pool), POOL_OK);
    assert_int_equal(pool_submit_batch(pool, items, 3, NULL), POOL_STOPPED);
    pool_destroy(pool);
    for (int i = 0; i < 3; i++)
        gate_release(&gates[i]);
}

static void call_wait_idle(void *arg)
{
    struct pair *pair = arg;
    pair->token.refused = (int)pool_wait_idle(pair->pool, NULL);
}

static void quiet_cannot_be_waited_for_inside(void **state)
{
    (void)state;
    struct timespec wrong = {.tv_nsec = -1};
    struct pair pair = {.pool = pool_make(1, 1)};
    assert_int_equal(pool_submit_wait(pair.pool, call_wait_idle, &pair), POOL_OK);
    assert_int_equal(pair.token.refused, POOL_WOULD_DEADLOCK);
    assert_int_equal(pool_wait_idle(pair.pool, &wrong), POOL_INVALID);
    pool_destroy(pair.pool);
}

static void contradictions_are_refused(void **state)
{
    (void)state;
    static const struct pool_options bad[] = {
        {.workers = 1, .capacity = 1, .queue = POOL_UNBOUNDED},
        {.workers = 1, .capacity = 1, .inner = POOL_INNER_OWN},
        {.workers = 2, .capacity = 1, .ceiling = 1},
        {.workers = 2, .capacity = 1, .floor = 3},
        {.workers = 1, .capacity = 1, .ceiling = POOL_MAX_WORKERS + 1},
        {.workers = 1, .capacity = 1, .batch = POOL_MAX_BATCH + 1},
        {.workers = 1, .capacity = 1, .spin_us = POOL_MAX_SPIN_US + 1},
        {.workers = 1, .capacity = 1, .overflow = (enum pool_overflow)(POOL_CALLER_RUNS + 1)},
        {.workers = 1, .capacity = 1, .wake = (enum pool_wake)2},
        {.workers = 1, .capacity = 1, .start = (enum pool_start)2},
        {.workers = 1, .capacity = 1, .waiting = (enum pool_waiting)2},
        {.workers = 1, .capacity = 1, .notes = (enum pool_notes)2},
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_int_equal(create_with(&bad[i]), POOL_INVALID);
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        CASE(what_a_worker_holds_others_may_take),
        CASE(a_sleeper_keeps_hands_empty),
        CASE(nothing_is_dealt_while_somebody_sleeps),
        CASE(an_end_discards_what_is_held),
        CASE(a_tree_grows_in_own_deques),
        CASE(a_tree_is_felled),
        CASE(a_push_inside_wakes_a_thief),
        CASE(waiting_inside_helps),
        CASE(a_full_queue_inside_is_helped_too),
        CASE(helpers_outside_respect_a_pause),
        CASE(a_batch_is_taken_as_far_as_there_is_room),
        CASE(a_batch_calls_as_many_as_it_needs),
        CASE(quiet_cannot_be_waited_for_inside),
        CASE(contradictions_are_refused),
    };
    return cmocka_run_group_tests_name("core: fast", cases, NULL, NULL);
}
