/* test_hangs.c - situations in which somebody once waited for ever, or would have: the end of a pool, and the
 * wait for quiet, against pauses, lost workers, lazy starts and spinners.
 *
 * A case that hangs is ended by its alarm.
 */
/* link: -Wl,--wrap=pthread_create */
#include "options_test.h"

/* How many more threads may be made; below 0: any number. The wrapper has no argument for it. */
static atomic_int threads_allowed = -1;

int __real_pthread_create(pthread_t *thread, const pthread_attr_t *attr, void *(*start)(void *), void *arg);

int __wrap_pthread_create(pthread_t *thread, const pthread_attr_t *attr, void *(*start)(void *), void *arg)
{
    int left = atomic_load(&threads_allowed);
    if (left > 0)
        atomic_fetch_sub(&threads_allowed, 1);
    return left != 0 ? __real_pthread_create(thread, attr, start, arg) : EAGAIN;
}

static void pass_and_leave(void *arg)
{
    gate_pass(arg);
    pthread_exit(NULL);
}

/* --- quiet ---------------------------------------------------------------------------------------------- */

/* A worker that comes to the pause with its work done is not busy. */
static void a_paused_pool_without_work_is_quiet(void **state)
{
    (void)state;
    struct gate gate;
    struct pool *pool = pool_make(1, 4);
    hold_worker(pool, &gate);
    assert_int_equal(pool_pause(pool), POOL_OK);
    gate_open(&gate);
    await_sleepers(pool, &pool->resumed, 1);
    assert_int_equal(pool_wait_idle(pool, NULL), POOL_OK);
    assert_int_equal(pool_resume(pool), POOL_OK);
    finish(pool, &gate);
}

/* The last worker is gone and could not be replaced at that moment. Who waits for what it left asks again. */
static void a_wait_for_quiet_replaces_a_lost_worker(void **state)
{
    (void)state;
    struct token left = {0};
    struct gate gate;
    struct pool *pool = pool_make(1, 4);
    gate_init(&gate);
    submit_ok(pool, pass_and_leave, &gate);
    semaphore_wait(&gate.arrived);
    submit_ok(pool, token_run, &left);
    threads_allowed = 0;
    gate_open(&gate);
    await_workers(pool, 0);
    threads_allowed = -1;
    assert_int_equal(pool_wait_idle(pool, NULL), POOL_OK);
    assert_fate(&left, 1, 0, 0);
    finish(pool, &gate);
}

/* --- own deques ----------------------------------------------------------------------------------------- */

struct pair {
    struct pool *pool;
    struct token token;
};

static void submit_and_await(void *arg)
{
    struct pair *pair = arg;
    if (pool_submit(pair->pool, token_run, &pair->token) == POOL_OK)
        while (pair->token.ran == 0)
            sched_yield();
}

/* Its only worker submits and waits: the second one has to come. */
static void a_push_inside_starts_a_lazy_worker(void **state)
{
    (void)state;
    struct pair pair = {.pool = NULL};
    struct pool_options options = {
        .workers = 2, .queue = POOL_UNBOUNDED, .inner = POOL_INNER_OWN, .start = POOL_START_LAZY};
    pair.pool = pool_with(&options);
    submit_ok(pair.pool, submit_and_await, &pair);
    assert_int_equal(pool_wait_idle(pair.pool, NULL), POOL_OK);
    assert_fate(&pair.token, 1, 0, 0);
    pool_destroy(pair.pool);
}

struct parting {
    struct pool *pool;
    struct token token;
    sem_t said;
};

static void say_goodbye(void *context, void *unused)
{
    struct parting *parting = context;
    (void)unused;
    if (atomic_load(&parting->token.refused) == 0 &&
        pool_submit(parting->pool, token_run, &parting->token) != POOL_OK)
        atomic_fetch_add(&parting->token.refused, 1);
    atomic_fetch_add(&parting->token.refused, 1); /* only once */
    sem_post(&parting->said);
}

/* Who submits in worker_stop has given its seat away: what it submits is not for its own deque. */
static void a_worker_that_has_left_has_no_deque(void **state)
{
    (void)state;
    struct parting parting = {.pool = NULL};
    struct pool_options options = {.workers = 1,
                                   .queue = POOL_UNBOUNDED,
                                   .inner = POOL_INNER_OWN,
                                   .idle_ms = 1,
                                   .ceiling = 1,
                                   .worker_stop = say_goodbye,
                                   .context = &parting};
    sem_init(&parting.said, 0, 0);
    atomic_store(&parting.token.refused, 1); /* not yet: the pool is not known */
    struct token warm = {0};
    parting.pool = pool_with(&options);
    atomic_store(&parting.token.refused, 0);
    submit_ok(parting.pool, token_run, &warm);
    semaphore_wait(&parting.said);
    while (parting.token.ran == 0)
        sched_yield();
    assert_int_equal(pool_drain(parting.pool), POOL_OK);
    pool_destroy(parting.pool);
    sem_destroy(&parting.said);
}

/* A worker with jobs of its own left is told to go: "after its task", not after its last one. */
struct errand {
    struct pool *pool;
    struct gate now, later;
};

static void submit_then_pass(void *arg)
{
    struct errand *errand = arg;
    if (pool_submit(errand->pool, gate_pass, &errand->later) == POOL_OK) /* to its own deque */
        gate_pass(&errand->now);
}

static void a_full_deque_does_not_keep_a_worker(void **state)
{
    (void)state;
    struct gate other;
    struct errand errand = {.pool = NULL};
    struct pool_options options = {.workers = 2, .queue = POOL_UNBOUNDED, .inner = POOL_INNER_OWN};
    errand.pool = pool_with(&options);
    gate_init(&errand.now);
    gate_init(&errand.later);
    hold_worker(errand.pool, &other);
    submit_ok(errand.pool, submit_then_pass, &errand);
    semaphore_wait(&errand.now.arrived);
    assert_int_equal(pool_resize(errand.pool, 1), POOL_OK);
    gate_open(&errand.now);
    await_workers(errand.pool, 1);
    gate_open(&errand.later);
    finish(errand.pool, &other);
    gate_release(&errand.now);
    gate_release(&errand.later);
}

/* --- spinners ------------------------------------------------------------------------------------------- */

struct chain {
    struct pool *pool;
    atomic_int arrived;
};

/* Ends when all three run at once. */
static void meet_two_others(void *arg)
{
    struct chain *chain = arg;
    atomic_fetch_add(&chain->arrived, 1);
    while (chain->arrived < 3)
        sched_yield();
}

/* While somebody spins nobody is called. What was queued meanwhile may be more than one job: all of those who
 * sleep must come, or those who wait for each other wait for ever. */
static void a_spinner_calls_for_all_that_it_kept_quiet(void **state)
{
    (void)state;
    struct pool_options options = {.workers = 4, .capacity = 8, .spin_us = POOL_MAX_SPIN_US};
    struct chain chain = {.pool = pool_with(&options)};
    struct token token = {0};
    if (chain.pool->spinners_allowed == 0) {
        pool_destroy(chain.pool);
        skip();
    }
    for (int round = 0; round < 50; round++) {
        submit_ok(chain.pool, token_run, &token); /* who has had work spins longer */
        await_idle(chain.pool);
        for (int i = 0; i < 1000 && chain.pool->spinning == 0; i++)
            sched_yield();
        chain.arrived = 0;
        for (int i = 0; i < 3; i++)
            submit_ok(chain.pool, meet_two_others, &chain);
        assert_int_equal(pool_wait_idle(chain.pool, NULL), POOL_OK);
    }
    pool_destroy(chain.pool);
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        CASE(a_paused_pool_without_work_is_quiet), CASE(a_wait_for_quiet_replaces_a_lost_worker),
        CASE(a_push_inside_starts_a_lazy_worker),  CASE(a_worker_that_has_left_has_no_deque),
        CASE(a_full_deque_does_not_keep_a_worker), CASE(a_spinner_calls_for_all_that_it_kept_quiet),
    };
    return cmocka_run_group_tests_name("core: hangs", cases, NULL, NULL);
}
