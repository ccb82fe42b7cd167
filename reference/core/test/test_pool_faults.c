/* test_pool_faults.c - every allocation and every thread that a pool asks for fails once: what is answered,
 * and that nothing is lost, leaked or left hanging. Beside test_system.c, with the switches that need more.
 */
/* link: -Wl,--wrap=malloc,--wrap=calloc,--wrap=aligned_alloc,--wrap=free,--wrap=pthread_create */
#include "options_test.h"
#include <stdlib.h>

/* The wrappers have no argument for this, so it has to be global. */
static struct {
    atomic_int blocks_allowed, threads_allowed; /* this many more; then refuse. Below 0: without end */
    atomic_int blocks_held;
} faults = {.blocks_allowed = -1, .threads_allowed = -1};

static bool spend(atomic_int *allowed)
{
    int left = atomic_load(allowed);
    if (left > 0)
        atomic_fetch_sub(allowed, 1);
    return left != 0;
}

static void *count(void *block)
{
    atomic_fetch_add(&faults.blocks_held, block != NULL);
    return block;
}

void *__real_malloc(size_t size);
void *__real_calloc(size_t number, size_t size);
void *__real_aligned_alloc(size_t alignment, size_t size);
void __real_free(void *block);
int __real_pthread_create(pthread_t *thread, const pthread_attr_t *attr, void *(*start)(void *), void *arg);

void *__wrap_malloc(size_t size)
{
    return spend(&faults.blocks_allowed) ? count(__real_malloc(size)) : NULL;
}

void *__wrap_calloc(size_t number, size_t size)
{
    return spend(&faults.blocks_allowed) ? count(__real_calloc(number, size)) : NULL;
}

void *__wrap_aligned_alloc(size_t alignment, size_t size)
{
    return spend(&faults.blocks_allowed) ? count(__real_aligned_alloc(alignment, size)) : NULL;
}

void __wrap_free(void *block)
{
    atomic_fetch_sub(&faults.blocks_held, block != NULL);
    __real_free(block);
}

int __wrap_pthread_create(pthread_t *thread, const pthread_attr_t *attr, void *(*start)(void *), void *arg)
{
    return spend(&faults.threads_allowed) ? __real_pthread_create(thread, attr, start, arg) : EAGAIN;
}

static void allow(int blocks, int threads)
{
    faults.blocks_allowed = blocks;
    faults.threads_allowed = threads;
}

static const struct pool_options own = {.workers = 3, .queue = POOL_UNBOUNDED, .inner = POOL_INNER_OWN};

static void create_runs_out_of_memory(void **state)
{
    (void)state;
    int blocks = 0;
    for (enum pool_status status = POOL_NO_MEMORY; status != POOL_OK; blocks++) {
        int held = faults.blocks_held;
        allow(blocks, -1);
        status = create_with(&own);
        allow(-1, -1);
        assert_true(status == POOL_OK || status == POOL_NO_MEMORY);
        assert_int_equal(faults.blocks_held, held);
    }
    assert_int_equal(blocks - 1, 7); /* the pool, and two for each deque */
}

static void create_runs_out_of_threads(void **state)
{
    (void)state;
    for (int threads = 0; threads < 3; threads++) {
        int held = faults.blocks_held;
        allow(-1, threads);
        assert_int_equal(create_with(&own), POOL_NO_THREAD);
        allow(-1, -1);
        assert_int_equal(faults.blocks_held, held);
    }
}

static void a_submit_runs_out_of_memory(void **state)
{
    (void)state;
    struct token token = {0};
    struct pool_item item = {token_run, &token};
    struct pool_options options = {.workers = 1, .queue = POOL_UNBOUNDED};
    struct pool *pool = pool_with(&options);
    allow(0, -1);
    assert_int_equal(pool_submit(pool, token_run, &token), POOL_NO_MEMORY);
    assert_int_equal(pool_try_submit(pool, token_run, &token), POOL_NO_MEMORY);
    assert_int_equal(pool_submit_wait(pool, token_run, &token), POOL_NO_MEMORY);
    assert_int_equal(pool_submit_batch(pool, &item, 1, NULL), POOL_NO_MEMORY);
    allow(-1, -1);
    struct pool_counts now = pool_counts(pool);
    assert_true(now.refused == 4 && now.submitted == 0);
    assert_int_equal(pool_submit(pool, token_run, &token), POOL_OK); /* and is none the worse for it */
    assert_int_equal(pool_drain(pool), POOL_OK);
    assert_fate(&token, 1, 0, 0);
    pool_destroy(pool);
}

static void the_first_worker_cannot_be_had(void **state)
{
    (void)state;
    struct token token = {0};
    struct pool_item item = {token_run, &token};
    struct pool_options options = {.workers = 2, .capacity = 4, .start = POOL_START_LAZY};
    struct pool *pool = pool_with(&options);
    allow(-1, 0);
    assert_int_equal(pool_submit(pool, token_run, &token), POOL_NO_THREAD);
    assert_int_equal(pool_submit_batch(pool, &item, 1, NULL), POOL_NO_THREAD);
    allow(-1, 1);
    assert_int_equal(pool_submit(pool, token_run, &token), POOL_OK);
    assert_int_equal(pool_submit(pool, token_run, &token), POOL_OK); /* no second one: the first will do it */
    allow(-1, -1);
    assert_int_equal(pool_drain(pool), POOL_OK);
    assert_fate(&token, 2, 0, 0);
    pool_destroy(pool);
}

static void growth_runs_out_of_threads(void **state)
{
    (void)state;
    struct token token = {0};
    struct pool_options options = {.workers = 1, .capacity = 4, .ceiling = 3};
    struct pool *pool = pool_with(&options);
    allow(-1, 1);
    assert_int_equal(pool_resize(pool, 3), POOL_NO_THREAD);
    assert_int_equal(pool_counts(pool).workers, 2);
    allow(-1, -1);
    assert_int_equal(pool_submit_wait(pool, token_run, &token), POOL_OK);
    pool_destroy(pool);
}

static void leave_thread(void *arg)
{
    token_run(arg);
    pthread_exit(NULL);
}

static void a_lost_worker_cannot_be_replaced(void **state)
{
    (void)state;
    struct token leaver = {0}, left = {0}, later = {0};
    struct gate gate;
    struct pool *pool = pool_make(1, 4);
    hold_worker(pool, &gate);
    assert_int_equal(pool_submit(pool, leave_thread, &leaver), POOL_OK);
    assert_int_equal(pool_submit(pool, token_run, &left), POOL_OK);
    allow(-1, 0);
    gate_open(&gate);
    await_workers(pool, 0);
    assert_int_equal(pool_counts(pool).queued, 1);
    assert_int_equal(pool_submit(pool, token_run, &later), POOL_NO_THREAD); /* tried again, in vain */
    assert_int_equal(pool_drain(pool), POOL_NO_THREAD);
    allow(-1, -1);
    assert_fate(&leaver, 1, 0, 0);
    assert_fate(&left, 0, 1, 0);
    assert_fate(&later, 0, 0, 0);
    assert_balance(pool);
    pool_destroy(pool);
    gate_release(&gate);
}

static void pass_and_leave(void *arg)
{
    gate_pass(arg);
    pthread_exit(NULL);
}

/* Who waits for a task that nobody can run any more is let out, whether the end began before or after. */
static void who_waits_is_let_out(void **state)
{
    (void)state;
    for (int ending = 0; ending < 2; ending++) {
        struct token waited = {0};
        struct gate gate;
        struct call call, end;
        struct pool *pool = pool_make(1, 4);
        gate_init(&gate);
        assert_int_equal(pool_submit(pool, pass_and_leave, &gate), POOL_OK);
        semaphore_wait(&gate.arrived);
        call_submit(&call, pool_submit_wait, pool, token_run, &waited);
        while (pool_counts(pool).queued < 1)
            sched_yield();
        if (ending) {
            call_end(&end, pool_drain, pool);
            await_sleepers(pool, &pool->ended, 1);
        }
        allow(-1, 0);
        gate_open(&gate);
        await_workers(pool, 0);
        assert_int_equal(ending ? call_join(&end) : pool_drain(pool), POOL_NO_THREAD);
        allow(-1, -1);
        assert_int_equal(call_join(&call), POOL_DISCARDED);
        assert_fate(&waited, 0, 1, 0);
        pool_destroy(pool);
        gate_release(&gate);
    }
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        CASE(create_runs_out_of_memory),   CASE(create_runs_out_of_threads),
        CASE(a_submit_runs_out_of_memory), CASE(the_first_worker_cannot_be_had),
        CASE(growth_runs_out_of_threads),  CASE(a_lost_worker_cannot_be_replaced),
        CASE(who_waits_is_let_out),
    };
    return cmocka_run_group_tests_name("core: the pool without memory or threads", cases, NULL, NULL);
}
