/* test_shards.c - a pool with shards: every way in, order, sleepers; naps, and one processor. That no sleeper is
 * missed is shown by the explorer as well (explore/pool_shards.c).
 */
#include "shards_test.h"

/* --- ways in -------------------------------------------------------------------------------------------- */

struct told {
    struct pool_job job;
    atomic_int ran, discarded;
};

static void told_run(struct pool_job *job)
{
    atomic_fetch_add(&((struct told *)job)->ran, 1);
}

static void told_discard(struct pool_job *job)
{
    atomic_fetch_add(&((struct told *)job)->discarded, 1);
}

static void every_way_in_leads_to_a_worker(void **state)
{
    (void)state;
    struct token tokens[7] = {0};
    struct pool_item items[3];
    struct told told = {.job = {told_run, told_discard}};
    size_t taken = 77;
    struct pool *pool = sharded_with(2);
    for (int i = 0; i < 3; i++)
        items[i] = (struct pool_item){token_run, &tokens[i]};
    submit_ok(pool, token_run, &tokens[3]);
    assert_int_equal(pool_try_submit(pool, token_run, &tokens[4]), POOL_OK);
    assert_int_equal(submit_until_past(pool, token_run, &tokens[5]), POOL_OK);
    assert_int_equal(pool_submit_wait(pool, token_run, &tokens[6]), POOL_OK);
    assert_fate(&tokens[6], 1, 0, 0);
    assert_int_equal(pool_submit_job(pool, &told.job, NULL), POOL_OK);
    assert_int_equal(pool_submit_batch(pool, items, 3, &taken), POOL_OK);
    assert_int_equal(taken, 3);
    assert_int_equal(pool_wait_idle(pool, NULL), POOL_OK);
    for (int i = 0; i < 7; i++)
        assert_fate(&tokens[i], 1, 0, 0);
    assert_int_equal(told.ran, 1);
    assert_int_equal(pool_counts(pool).submitted, 8);
    assert_int_equal(pool_counts(pool).completed, 8);
    assert_balance(pool);
    assert_int_equal(pool_drain(pool), POOL_OK);
    assert_closed(pool);
    assert_int_equal(pool_submit_batch(pool, items, 3, &taken), POOL_STOPPED);
    assert_int_equal(taken, 0);
    assert_int_equal(pool_counts(pool).refused, 4 + 3);
    pool_destroy(pool);
}

struct order {
    atomic_int next, wrong;
    struct step {
        struct order *order;
        int number;
    } steps[300];
};

static void take_step(void *arg)
{
    struct step *step = arg;
    atomic_fetch_add(&step->order->wrong, atomic_fetch_add(&step->order->next, 1) != step->number);
}

static void tasks_of_one_submitter_keep_their_order(void **state)
{
    (void)state;
    struct order order = {.next = 0};
    struct pool *pool = sharded_with(1);
    for (int i = 0; i < 300; i++) {
        order.steps[i] = (struct step){&order, i};
        submit_ok(pool, take_step, &order.steps[i]);
    }
    assert_int_equal(pool_drain(pool), POOL_OK);
    assert_true(order.next == 300 && order.wrong == 0);
    pool_destroy(pool);
}

static void wait_inside(void *arg)
{
    struct token *token = arg;
    token->refused = (int)pool_submit_wait(pool_innermost->pool, token_run, token);
}

static void waiting_inside_is_refused_or_helps(void **state)
{
    (void)state;
    for (int helps = 0; helps < 2; helps++) {
        struct token token = {0};
        struct pool_options options = sharded;
        options.waiting = helps ? POOL_WAITING_HELPS : POOL_WAITING_SLEEPS;
        struct pool *pool = pool_with(&options);
        assert_int_equal(pool_submit_wait(pool, wait_inside, &token), POOL_OK);
        assert_fate(&token, helps, 0, helps ? POOL_OK : POOL_WOULD_DEADLOCK);
        pool_destroy(pool);
    }
}

/* --- sleepers ------------------------------------------------------------------------------------------- */

struct party {
    atomic_int there;
    int wanted;
};

static void meet(void *arg)
{
    struct party *party = arg;
    atomic_fetch_add(&party->there, 1);
    while (party->there < party->wanted)
        sched_yield();
}

/* Tasks that end only when all of them run: whoever sleeps has to come, called one by one or all at once. */
static void all_who_are_needed_come(void **state)
{
    (void)state;
    for (int way = 0; way < 4; way++) {
        struct pool_options options = sharded;
        options.workers = 4;
        options.spin_us = way % 2 ? 100 : 0;
        options.start = way / 2 ? POOL_START_LAZY : POOL_START_NOW;
        struct pool *pool = pool_with(&options);
        for (int round = 0; round < 100; round++) {
            struct party party = {.wanted = 4};
            struct pool_item items[4];
            for (int i = 0; i < 4; i++)
                items[i] = (struct pool_item){meet, &party};
            if (round % 2)
                assert_int_equal(pool_submit_batch(pool, items, 4, NULL), POOL_OK);
            for (int i = 0; round % 2 == 0 && i < 4; i++)
                submit_ok(pool, meet, &party);
            assert_int_equal(pool_wait_idle(pool, NULL), POOL_OK);
        }
        pool_destroy(pool);
    }
}

/* Both workers sleep, and this thread passes for one that spins, so that nobody is called; then it takes in the
 * first one's name. */
static void nothing_is_dealt_while_somebody_sleeps(void **state)
{
    (void)state;
    struct token tokens[8] = {0};
    struct pool_item job = {0};
    struct pool *pool = sharded_with(2);
    await_idle_workers(pool, 2);
    atomic_store(&pool->spinning, 1);
    for (int i = 0; i < 8; i++)
        submit_ok(pool, token_run, &tokens[i]);
    assert_true(pool->news);
    bool taken = pool_shards_take(&pool->workers[0], &job);
    size_t held = hand_count(&pool->workers[0].hand);
    atomic_store(&pool->spinning, 0);
    assert_true(taken && held == 0);
    job.run(job.arg);
    tally_add(&pool->workers[0].tally.completed);
    assert_int_equal(pool_drain(pool), POOL_OK);
    assert_balance(pool);
    for (int i = 0; i < 8; i++)
        assert_fate(&tokens[i], 1, 0, 0);
    pool_destroy(pool);
}

/* --- naps ----------------------------------------------------------------------------------------------- */

/* Both workers have had work; one is busy, so the other naps. It wakes by itself, and for the end. */
static void who_naps_comes_back(void **state)
{
    (void)state;
    struct token token = {0};
    struct gate gate;
    struct pool_options options = sharded;
    options.nap_us = POOL_MAX_SPIN_US;
    struct pool *pool = pool_with(&options);
    hold_worker(pool, &gate);
    for (int i = 0; i < 3; i++) {
        submit_ok(pool, token_run, &token);
        while (token.ran != i + 1)
            sched_yield();
    }
    await_sleepers(pool, &pool->naps, 1);
    assert_int_equal(pool_counts(pool).idle, 0);
    finish(pool, &gate);
    assert_fate(&token, 3, 0, 0);
}

/* --- one processor -------------------------------------------------------------------------------------- */

/* A spinner would only keep away whom it waits for. It lets the others run, and sleeps. */
static void on_one_processor_nobody_spins(void **state)
{
    (void)state;
    cpu_set_t all, one;
    struct token tokens[100] = {0};
    struct pool_options options = sharded;
    int cpu = 0;
    options.spin_us = POOL_MAX_SPIN_US;
    assert_int_equal(sched_getaffinity(0, sizeof all, &all), 0);
    while (!CPU_ISSET(cpu, &all))
        cpu++;
    CPU_ZERO(&one);
    CPU_SET(cpu, &one);
    assert_int_equal(sched_setaffinity(0, sizeof one, &one), 0);
    struct pool *pool = pool_with(&options);
    assert_int_equal(pool->spinners_allowed, 0);
    for (int i = 0; i < 100; i++)
        submit_ok(pool, token_run, &tokens[i]);
    assert_int_equal(pool_wait_idle(pool, NULL), POOL_OK);
    await_idle_workers(pool, 2);
    assert_int_equal(pool_drain(pool), POOL_OK);
    assert_int_equal(sched_setaffinity(0, sizeof all, &all), 0);
    for (int i = 0; i < 100; i++)
        assert_fate(&tokens[i], 1, 0, 0);
    pool_destroy(pool);
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        CASE(every_way_in_leads_to_a_worker),         CASE(tasks_of_one_submitter_keep_their_order),
        CASE(waiting_inside_is_refused_or_helps),     CASE(all_who_are_needed_come),
        CASE(nothing_is_dealt_while_somebody_sleeps), CASE(who_naps_comes_back),
        CASE(on_one_processor_nobody_spins),
    };
    return cmocka_run_group_tests_name("core: shards", cases, NULL, NULL);
}
