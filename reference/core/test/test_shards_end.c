/* test_shards_end.c - a pool with shards: pause, size, the end, and what happens when memory or threads run out.
 */
/* link: -Wl,--wrap=malloc,--wrap=calloc,--wrap=pthread_create */
#include "shards_test.h"
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
    assert_int_equal(pool_counts(pool).refused, 1);
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
        CASE(a_pause_holds_the_shards),
        CASE(a_stop_discards_the_shards),
        CASE(a_smaller_pool_empties_its_shards),
        CASE(an_end_under_fire_balances),
        CASE(memory_runs_out),
        CASE(threads_run_out),
        CASE(contradictions_are_refused),
    };
    return cmocka_run_group_tests_name("core: shards, to the end", cases, NULL, NULL);
}
