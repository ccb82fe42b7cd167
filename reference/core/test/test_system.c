/* test_create.c - pool_create when the system says no: every allocation and every thread fails once.
 *
 * pthread_create, pthread_join, calloc and free are wrapped at link time and counted: after a failure nothing
 * is left but what a good pool would have to give back.
 */
/* link: -Wl,--wrap=pthread_create,--wrap=pthread_join,--wrap=calloc,--wrap=free */
#include "core_test.h"
#include <stdlib.h>

/* The wrappers have no argument for this, so it has to be global. */
static struct {
    int threads_allowed, blocks_allowed; /* this many more; then refuse */
    atomic_int started, joined, given, taken_back;
    struct gate *join_gate; /* where every join stops; NULL: none does */
} system_calls;

int __real_pthread_create(pthread_t *thread, const pthread_attr_t *attr, void *(*start)(void *), void *arg);
int __real_pthread_join(pthread_t thread, void **result);
void *__real_calloc(size_t count, size_t size);
void __real_free(void *block);

int __wrap_pthread_create(pthread_t *thread, const pthread_attr_t *attr, void *(*start)(void *), void *arg)
{
    if (system_calls.threads_allowed-- <= 0)
        return EAGAIN;
    system_calls.started++;
    return __real_pthread_create(thread, attr, start, arg);
}

int __wrap_pthread_join(pthread_t thread, void **result)
{
    system_calls.joined++;
    if (system_calls.join_gate)
        gate_pass(system_calls.join_gate);
    return __real_pthread_join(thread, result);
}

void *__wrap_calloc(size_t count, size_t size)
{
    if (system_calls.blocks_allowed-- <= 0)
        return NULL;
    system_calls.given++;
    return __real_calloc(count, size);
}

void __wrap_free(void *block)
{
    system_calls.taken_back += block != NULL;
    __real_free(block);
}

enum { WORKERS = 4, PLENTY = 1000 };

static enum pool_status create(struct pool **pool, int threads, int blocks)
{
    *pool = (struct pool *)&system_calls; /* must not be left as it was */
    system_calls = (__typeof__(system_calls)){.threads_allowed = threads, .blocks_allowed = blocks};
    return pool_create(pool, &(struct pool_options){.workers = WORKERS, .capacity = 8});
}

static void assert_nothing_left(int started)
{
    assert_int_equal(system_calls.started, started);
    assert_int_equal(system_calls.joined, started);
    assert_int_equal(system_calls.given, system_calls.taken_back);
}

static void threads_run_out(void **state)
{
    (void)state;
    for (int allowed = 0; allowed < WORKERS; allowed++) {
        struct pool *pool;
        assert_int_equal(create(&pool, allowed, PLENTY), POOL_NO_THREAD);
        assert_null(pool);
        assert_nothing_left(allowed);
    }
}

static void memory_runs_out(void **state)
{
    (void)state;
    struct pool *pool;
    int allowed = 0;
    for (; create(&pool, PLENTY, allowed) == POOL_NO_MEMORY; allowed++) {
        assert_null(pool);
        assert_nothing_left(0);
    }
    assert_true(allowed > 0);
    assert_non_null(pool);
    pool_destroy(pool);
    assert_nothing_left(WORKERS);
}

static void a_pool_gives_everything_back(void **state)
{
    (void)state;
    struct pool *pool;
    struct token token = {0};
    assert_int_equal(create(&pool, PLENTY, PLENTY), POOL_OK);
    assert_int_equal(pool_submit_wait(pool, token_run, &token), POOL_OK);
    assert_int_equal(system_calls.started, WORKERS);
    assert_int_equal(pool_stop(pool), POOL_OK);
    assert_int_equal(system_calls.joined, WORKERS);
    pool_destroy(pool);
    assert_nothing_left(WORKERS); /* none was joined twice */
}

static void only_one_thread_joins_and_the_others_wait_for_it(void **state)
{
    (void)state;
    struct pool *pool;
    struct gate gate;
    struct call first, second;
    gate_init(&gate);
    assert_int_equal(create(&pool, PLENTY, PLENTY), POOL_OK);
    system_calls.join_gate = &gate;
    call_end(&first, pool_stop, pool);
    semaphore_wait(&gate.arrived);
    assert_int_equal(pool_counts(pool).running, 0); /* nobody is kept out meanwhile */
    call_end(&second, pool_drain, pool);
    for (size_t waiting = 0; waiting < 1 && !second.returned; sched_yield()) {
        lock_take(&pool->lock);
        waiting = pool->ended.waiting;
        lock_drop(&pool->lock);
    }
    assert_false(second.returned);
    for (int i = 0; i < WORKERS + 2; i++) /* the two calls' own threads are joined below */
        gate_open(&gate);
    assert_int_equal(call_join(&first), POOL_OK);
    assert_int_equal(call_join(&second), POOL_OK);
    assert_int_equal(system_calls.joined, WORKERS + 2);
    pool_destroy(pool);
    gate_release(&gate);
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        CASE(threads_run_out),
        CASE(memory_runs_out),
        CASE(a_pool_gives_everything_back),
        CASE(only_one_thread_joins_and_the_others_wait_for_it),
    };
    return cmocka_run_group_tests_name("core: system", cases, NULL, NULL);
}
