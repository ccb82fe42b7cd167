/* options_test.h - pools with switches, for the tests of the switches; and a row of gates.
 */
#ifndef DEEPEND_OPTIONS_TEST_H
#define DEEPEND_OPTIONS_TEST_H

#include "../pool_control.h"
#include "../pool_task.h"
#include "core_test.h"

static inline struct pool *pool_with(const struct pool_options *options)
{
    struct pool *pool = NULL;
    assert_int_equal(pool_create(&pool, options), POOL_OK);
    return pool;
}

static inline enum pool_status create_with(const struct pool_options *options)
{
    struct pool *pool = NULL;
    enum pool_status status = pool_create(&pool, options);
    pool_destroy(pool);
    return status;
}

static inline void await_workers(struct pool *pool, unsigned count)
{
    while (pool_counts(pool).workers != count)
        sched_yield();
}

static inline void submit_ok(struct pool *pool, pool_task *run, void *arg)
{
    assert_int_equal(pool_submit(pool, run, arg), POOL_OK);
}

/* Open the gate for whoever is in it, then end the pool. */
static inline void finish(struct pool *pool, struct gate *gate)
{
    gate_open(gate);
    assert_int_equal(pool_drain(pool), POOL_OK);
    assert_balance(pool);
    pool_destroy(pool);
    gate_release(gate);
}

#endif
