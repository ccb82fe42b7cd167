/* test_job.c - a pool_job hears its fate: it runs or is discarded, once, whatever the pool's own discard
 * does. */
#include "core_test.h"

struct teller {
    struct pool_job job; /* first: the functions get a pointer to it */
    atomic_int ran, discarded;
};

static void teller_ran(struct pool_job *job)
{
    atomic_fetch_add(&((struct teller *)job)->ran, 1);
}

static void teller_discarded(struct pool_job *job)
{
    atomic_fetch_add(&((struct teller *)job)->discarded, 1);
}

#define TELLER                                                                                               \
    {                                                                                                        \
        .job = {.run = teller_ran, .discard = teller_discarded }                                             \
    }

static void a_job_runs(void **state)
{
    (void)state;
    struct teller teller = TELLER;
    struct pool *pool = pool_make(1, 1);
    assert_int_equal(pool_submit_job(pool, &teller.job, NULL), POOL_OK);
    assert_int_equal(pool_drain(pool), POOL_OK);
    assert_true(teller.ran == 1 && teller.discarded == 0);
    assert_int_equal(pool_counts(pool).completed, 1);
    pool_destroy(pool);
}

static void a_job_is_discarded_by_its_own_function(void **state)
{
    (void)state;
    struct gate gate;
    struct teller teller = TELLER;
    struct token token = {0}; /* between jobs, an ordinary task: its argument goes to the pool's function */
    struct call stop;
    struct pool *pool = pool_make(1, 2);
    hold_worker(pool, &gate);
    assert_int_equal(pool_submit_job(pool, &teller.job, NULL), POOL_OK);
    assert_int_equal(pool_submit(pool, token_run, &token), POOL_OK);
    call_end(&stop, pool_stop, pool);
    await_sleepers(pool, &pool->ended, 1);
    gate_open(&gate);
    assert_int_equal(call_join(&stop), POOL_OK);
    assert_true(teller.ran == 0 && teller.discarded == 1);
    assert_fate(&token, 0, 1, 0);
    assert_int_equal(pool_counts(pool).discarded, 2);
    pool_destroy(pool);
    gate_release(&gate);
}

static void a_refused_job_hears_nothing(void **state)
{
    (void)state;
    struct stage stage;
    struct teller teller = TELLER;
    struct timespec past = pool_deadline_after(-1000);
    stage_set(&stage);
    assert_int_equal(pool_submit_job(stage.pool, &teller.job, &past), POOL_TIMED_OUT);
    gate_open(&stage.gate);
    assert_int_equal(pool_stop(stage.pool), POOL_OK);
    assert_int_equal(pool_submit_job(stage.pool, &teller.job, NULL), POOL_STOPPED);
    assert_true(teller.ran == 0 && teller.discarded == 0);
    stage_clear(&stage);
}

static void half_a_job_is_refused(void **state)
{
    (void)state;
    struct teller teller = TELLER;
    struct pool *pool = pool_make(1, 1);
    struct timespec wrong = {.tv_nsec = 1000000000};
    assert_int_equal(pool_submit_job(NULL, &teller.job, NULL), POOL_INVALID);
    assert_int_equal(pool_submit_job(pool, NULL, NULL), POOL_INVALID);
    assert_int_equal(pool_submit_job(pool, &(struct pool_job){.run = teller_ran}, NULL), POOL_INVALID);
    assert_int_equal(pool_submit_job(pool, &(struct pool_job){.discard = teller_discarded}, NULL),
                     POOL_INVALID);
    assert_int_equal(pool_submit_job(pool, &teller.job, &wrong), POOL_INVALID);
    assert_int_equal(pool_counts(pool).submitted, 0);
    pool_destroy(pool);
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        CASE(a_job_runs),
        CASE(a_job_is_discarded_by_its_own_function),
        CASE(a_refused_job_hears_nothing),
        CASE(half_a_job_is_refused),
    };
    return cmocka_run_group_tests_name("core: jobs", cases, NULL, NULL);
}
