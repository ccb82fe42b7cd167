/* test_shards.c - a pool with shards: every way in, order, pause, size, the end, memory and threads that run
 * out; and naps. That no sleeper is missed is shown by the explorer as well (explore/pool_shards.c).
 */
/* link: -Wl,--wrap=malloc,--wrap=calloc,--wrap=pthread_create */
#ifndef CASE_LIMIT
#define CASE_LIMIT 120
#endif
#include "options_test.h"
#include <stdlib.h>

/* This many more; then refuse. Below 0: without end. The wrappers have no argument for this. */
static atomic_int blocks_allowed = -1, threads_allowed = -1;

void *__real_malloc(size_t size);
void *__real_calloc(size_t number, size_t size);
int __real_pthread_create(pthread_t *thread, const pthread_attr_t *attr, void *(*start)(void *), void *arg);

static bool spend(atomic_int *allowed)
{
    int left = atomic_load(allowed);
    if (left > 0)
        atomic_fetch_sub(allowed, 1);
    return left != 0;
}

void *__wrap_malloc(size_t size)
{
    return spend(&blocks_allowed) ? __real_malloc(size) : NULL;
}

void *__wrap_calloc(size_t number, size_t size)
{
    return spend(&blocks_allowed) ? __real_calloc(number, size) : NULL;
}

int __wrap_pthread_create(pthread_t *thread, const pthread_attr_t *attr, void *(*start)(void *), void *arg)
{
    return spend(&threads_allowed) ? __real_pthread_create(thread, attr, start, arg) : EAGAIN;
}

static void allow(int blocks, int threads)
{
    blocks_allowed = blocks;
    threads_allowed = threads;
}

static const struct pool_options sharded = {
    .workers = 2, .queue = POOL_UNBOUNDED, .shards = 3, .batch = 8, .discard = token_discard};

static struct pool *sharded_with(unsigned workers)
{
    struct pool_options options = sharded;
    options.workers = workers;
    return pool_with(&options);
}

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

/* --- pause, size, end ----------------------------------------------------------------------------------- */

static void a_pause_holds_the_shards(void **state)
{
    (void)state;
    struct token tokens[10] = {0};
    struct pool *pool = sharded_with(2);
    assert_int_equal(pool_pause(pool), POOL_OK);
    for (int i = 0; i < 10; i++)
        submit_ok(pool, token_run, &tokens[i]);
    assert_int_equal(pool_counts(pool).queued, 10);
    assert_int_equal(pool_held(pool), 10);
    assert_int_equal(pool_resume(pool), POOL_OK);
    assert_int_equal(pool_wait_idle(pool, NULL), POOL_OK);
    for (int i = 0; i < 10; i++)
        assert_fate(&tokens[i], 1, 0, 0);
    pool_destroy(pool);
}

static void a_stop_discards_the_shards(void **state)
{
    (void)state;
    struct token tokens[10] = {0};
    struct gate gate;
    struct call stop;
    struct pool *pool = sharded_with(1);
    hold_worker(pool, &gate);
    for (int i = 0; i < 10; i++)
        submit_ok(pool, token_run, &tokens[i]);
    call_end(&stop, pool_stop, pool);
    while (pool_counts(pool).discarded < 10)
        sched_yield();
    gate_open(&gate);
    assert_int_equal(call_join(&stop), POOL_OK);
    for (int i = 0; i < 10; i++)
        assert_fate(&tokens[i], 0, 1, 0);
    assert_balance(pool);
    pool_destroy(pool);
    gate_release(&gate);
}

/* Full shards do not keep a worker that is too many, and it leaves nothing behind. */
static void a_smaller_pool_empties_its_shards(void **state)
{
    (void)state;
    struct token tokens[50] = {0};
    struct gate gates[2];
    struct pool *pool = sharded_with(2);
    for (int i = 0; i < 2; i++)
        hold_worker(pool, &gates[i]);
    for (int i = 0; i < 50; i++)
        submit_ok(pool, token_run, &tokens[i]);
    assert_int_equal(pool_resize(pool, 1), POOL_OK);
    gate_open(&gates[0]);
    await_workers(pool, 1);
    gate_open(&gates[1]);
    assert_int_equal(pool_drain(pool), POOL_OK);
    for (int i = 0; i < 50; i++)
        assert_fate(&tokens[i], 1, 0, 0);
    pool_destroy(pool);
    for (int i = 0; i < 2; i++)
        gate_release(&gates[i]);
}

struct source {
    pthread_t thread;
    struct pool *pool;
    struct token token;
    unsigned long long accepted;
};

static void *pour(void *arg)
{
    struct source *source = arg;
    while (pool_submit(source->pool, token_run, &source->token) == POOL_OK)
        source->accepted++;
    return NULL;
}

/* Nothing is accepted and lost when the end comes between. */
static void an_end_under_fire_balances(void **state)
{
    (void)state;
    for (int round = 0; round < 20; round++) {
        struct source sources[3];
        unsigned long long accepted = 0;
        struct pool_options options = sharded;
        options.nap_us = 50;
        options.spin_us = 20;
        struct pool *pool = pool_with(&options);
        for (int i = 0; i < 3; i++) {
            sources[i] = (struct source){.pool = pool};
            assert_int_equal(pthread_create(&sources[i].thread, NULL, pour, &sources[i]), 0);
        }
        while (pool_counts(pool).submitted < 100u * (unsigned)round)
            sched_yield();
        assert_int_equal(round % 2 ? pool_stop(pool) : pool_drain(pool), POOL_OK);
        struct pool_counts now = pool_counts(pool);
        for (int i = 0; i < 3; i++) {
            pthread_join(sources[i].thread, NULL);
            accepted += sources[i].accepted;
            assert_int_equal(sources[i].accepted, sources[i].token.ran + sources[i].token.discarded);
        }
        assert_int_equal(now.submitted, accepted);
        assert_int_equal(now.completed + now.discarded, accepted);
        assert_true(now.queued + now.running == 0 && (round % 2 || now.discarded == 0));
        pool_destroy(pool);
    }
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

/* --- what runs out -------------------------------------------------------------------------------------- */

static void memory_runs_out(void **state)
{
    (void)state;
    struct token token = {0};
    struct pool_item items[2] = {{token_run, &token}, {token_run, &token}};
    struct pool *pool = NULL;
    size_t taken = 77;
    int created = 0;
    for (int blocks = 0; !created; blocks++) {
        allow(blocks, -1);
        created = pool_create(&pool, &sharded) == POOL_OK;
        allow(-1, -1);
        assert_true(created || !pool);
    }
    allow(0, -1);
    assert_int_equal(pool_submit(pool, token_run, &token), POOL_NO_MEMORY);
    assert_int_equal(pool_submit_wait(pool, token_run, &token), POOL_NO_MEMORY);
    assert_int_equal(pool_submit_batch(pool, items, 2, &taken), POOL_NO_MEMORY);
    allow(-1, -1);
    assert_int_equal(taken, 0);
    assert_int_equal(pool_counts(pool).refused, 4);
    submit_ok(pool, token_run, &token);
    assert_int_equal(pool_drain(pool), POOL_OK);
    assert_fate(&token, 1, 0, 0);
    pool_destroy(pool);
}

static void threads_run_out(void **state)
{
    (void)state;
    struct token token = {0};
    struct pool_options options = sharded;
    options.start = POOL_START_LAZY;
    struct pool *pool = pool_with(&options);
    allow(-1, 0);
    assert_int_equal(pool_submit(pool, token_run, &token), POOL_NO_THREAD);
    allow(-1, 1);
    assert_int_equal(pool_submit(pool, token_run, &token), POOL_OK); /* one is enough */
    assert_int_equal(pool_wait_idle(pool, NULL), POOL_OK);
    allow(-1, -1);
    assert_fate(&token, 1, 0, 0);
    assert_int_equal(pool_drain(pool), POOL_OK);
    pool_destroy(pool);
}

static void contradictions_are_refused(void **state)
{
    (void)state;
    static const struct pool_options bad[] = {
        {.workers = 1, .capacity = 1, .shards = 1},
        {.workers = 1, .queue = POOL_UNBOUNDED, .shards = POOL_MAX_QUEUES + 1},
        {.workers = 1, .capacity = 1, .nap_us = POOL_MAX_SPIN_US + 1},
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_int_equal(create_with(&bad[i]), POOL_INVALID);
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        CASE(every_way_in_leads_to_a_worker),
        CASE(tasks_of_one_submitter_keep_their_order),
        CASE(waiting_inside_is_refused_or_helps),
        CASE(all_who_are_needed_come),
        CASE(nothing_is_dealt_while_somebody_sleeps),
        CASE(a_pause_holds_the_shards),
        CASE(a_stop_discards_the_shards),
        CASE(a_smaller_pool_empties_its_shards),
        CASE(an_end_under_fire_balances),
        CASE(who_naps_comes_back),
        CASE(memory_runs_out),
        CASE(threads_run_out),
        CASE(contradictions_are_refused),
    };
    return cmocka_run_group_tests_name("core: shards", cases, NULL, NULL);
}
