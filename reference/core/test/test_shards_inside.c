/* test_shards_inside.c - a pool with shards, looked at from inside: how much a worker takes and from which shard,
 * what is left when all is over, and which pushes take the pool's lock.
 *
 * Both workers are held in tasks or asleep, and this thread takes in the first one's name.
 */
#include "shards_test.h"

/* Both workers are in a task. */
static struct pool *held_pool(struct gate gates[2])
{
    struct pool *pool = sharded_with(2);
    for (int i = 0; i < 2; i++)
        hold_worker(pool, &gates[i]);
    return pool;
}

static void let_go(struct pool *pool, struct gate gates[2])
{
    gate_open(&gates[0]);
    gate_open(&gates[1]);
    assert_int_equal(pool_drain(pool), POOL_OK);
    assert_balance(pool);
    pool_destroy(pool);
    for (int i = 0; i < 2; i++)
        gate_release(&gates[i]);
}

static void run_as(struct worker *worker, struct pool_item job)
{
    job.run(job.arg);
    tally_add(&worker->tally.completed);
}

static void assert_hints_are_0(const struct pool *pool)
{
    for (unsigned i = 0; i < pool->options.shards; i++)
        assert_int_equal(two_lock_count_hint(&pool->shards[i].jobs), 0);
}

/* What waits, divided by the workers; at least one, at most `batch`. */
static void a_worker_takes_its_share(void **state)
{
    (void)state;
    static const struct {
        int ready;
        size_t share;
    } cases[] = {{1, 1}, {3, 1}, {4, 2}, {11, 5}, {16, 8}, {18, 8}, {200, 8}};
    struct token token = {0};
    struct gate gates[2];
    struct pool *pool = held_pool(gates);
    struct worker *worker = &pool->workers[0];
    int ran = 0;

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct pool_item job = {0};
        for (int n = 0; n < cases[i].ready; n++)
            submit_ok(pool, token_run, &token);
        assert_true(pool_shards_take(worker, &job));
        assert_int_equal(hand_count(&worker->hand), cases[i].share - 1);
        do
            run_as(worker, job);
        while (pool_own_take(worker, &job));
        assert_int_equal(token.ran, ran += cases[i].ready);
        assert_int_equal(pool_held(pool), 0);
        assert_hints_are_0(pool);
    }
    let_go(pool, gates);
}

static void nothing_is_taken_in_a_pause(void **state)
{
    (void)state;
    struct token token = {0};
    struct gate gates[2];
    struct pool *pool = held_pool(gates);
    struct pool_item job = {0};

    submit_ok(pool, token_run, &token);
    assert_int_equal(pool_pause(pool), POOL_OK);
    assert_false(pool_shards_take(&pool->workers[0], &job));
    assert_int_equal(pool_held(pool), 1);
    assert_int_equal(pool_resume(pool), POOL_OK);
    assert_true(pool_shards_take(&pool->workers[0], &job));
    run_as(&pool->workers[0], job);
    let_go(pool, gates);
}

/* COUNT jobs into each shard, as if by a thread whose shard it is; their arguments are the tokens of TOKENS in turn. */
static void fill_shards(struct pool *pool, struct token *tokens, int count)
{
    for (unsigned i = 0; i < pool->options.shards; i++) {
        struct two_lock_queue *jobs = &pool->shards[i].jobs;
        end_enter(&jobs->pushing);
        for (int n = 0; n < count; n++)
            assert_int_equal(two_lock_push(jobs, (struct pool_item){token_run, &tokens[i]}), POOL_OK);
        two_lock_show(jobs);
        end_go(&jobs->pushing);
    }
}

static void a_worker_goes_round_the_shards(void **state)
{
    (void)state;
    enum { SHARDS = 3, EACH = 3 }; /* of three, the share of each of two is one */
    struct token tokens[SHARDS] = {0};
    struct gate gates[2];
    struct pool *pool = held_pool(gates);
    struct pool_item job = {0};

    assert_int_equal(pool->options.shards, SHARDS);
    fill_shards(pool, tokens, EACH);
    assert_int_equal(pool_counts(pool).submitted, 2 + SHARDS * EACH);
    assert_int_equal(pool_counts(pool).queued, SHARDS * EACH);
    assert_int_equal(pool_held(pool), SHARDS * EACH);
    for (int i = 0; i < SHARDS * EACH; i++) {
        assert_true(pool_shards_take(&pool->workers[0], &job));
        assert_int_equal(hand_count(&pool->workers[0].hand), 0);
        run_as(&pool->workers[0], job);
        if (i % SHARDS == SHARDS - 1)
            for (int n = 0; n < SHARDS; n++) /* one more of each */
                assert_int_equal(tokens[n].ran, i / SHARDS + 1);
    }
    assert_false(pool_shards_take(&pool->workers[0], &job));
    let_go(pool, gates);
}

static void a_stop_empties_all_shards(void **state)
{
    (void)state;
    struct token tokens[3] = {0};
    struct gate gates[2];
    struct call stop;
    struct pool *pool = held_pool(gates);

    fill_shards(pool, tokens, 5);
    call_end(&stop, pool_stop, pool);
    while (pool_counts(pool).discarded < 3 * 5)
        sched_yield();
    gate_open(&gates[0]);
    gate_open(&gates[1]);
    assert_int_equal(call_join(&stop), POOL_OK);
    for (int i = 0; i < 3; i++)
        assert_fate(&tokens[i], 0, 5, 0);
    assert_balance(pool);
    assert_hints_are_0(pool);
    pool_destroy(pool);
    for (int i = 0; i < 2; i++)
        gate_release(&gates[i]);
}

/* This thread has the pool's lock, so a push that wanted it would wait for ever. */
static void submit_beside_the_lock(struct pool *pool, struct token *token)
{
    lock_take(&pool->lock);
    submit_ok(pool, token_run, token);
    lock_drop(&pool->lock);
}

static void a_push_that_calls_nobody_leaves_the_pools_lock_alone(void **state)
{
    (void)state;
    struct token token = {0};
    struct gate gates[2];
    struct pool *pool = held_pool(gates);

    submit_beside_the_lock(pool, &token); /* all are busy */
    let_go(pool, gates);
    assert_fate(&token, 1, 0, 0);
    pool = sharded_with(2);
    await_idle_workers(pool, 2);
    atomic_store(&pool->summoned, 1); /* one of those who sleep is on the way */
    submit_beside_the_lock(pool, &token);
    atomic_store(&pool->summoned, 0);
    atomic_store(&pool->spinning, 1); /* one looks for work */
    submit_beside_the_lock(pool, &token);
    atomic_store(&pool->spinning, 0);
    assert_int_equal(pool_counts(pool).idle, 2);
    submit_ok(pool, token_run, &token);
    assert_int_equal(pool_drain(pool), POOL_OK);
    assert_fate(&token, 4, 0, 0);
    pool_destroy(pool);
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        CASE(a_worker_takes_its_share),
        CASE(a_worker_goes_round_the_shards),
        CASE(nothing_is_taken_in_a_pause),
        CASE(a_stop_empties_all_shards),
        CASE(a_push_that_calls_nobody_leaves_the_pools_lock_alone),
    };
    return cmocka_run_group_tests_name("core: shards, from inside", cases, NULL, NULL);
}
