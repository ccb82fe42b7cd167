/* test_latch.c - the counting latch: when it opens, who may still add, and what miscounting answers. */
/* link: -Wl,--wrap=pthread_cond_wait,--wrap=pthread_cond_timedwait */
#include "latch.h"

#include "sleep_test.h"

enum { TASKS = 4, WAITERS = 3 };

static void wrong_arguments_are_answered(void **state)
{
    (void)state;
    struct pool_latch latch;
    struct timespec now = moment_after(0), odd = {.tv_nsec = 1000000000};
    pool_latch_init(&latch, 1);
    assert_status(pool_latch_add(NULL, 1), POOL_INVALID);
    assert_status(pool_latch_done(NULL, 1), POOL_INVALID);
    assert_status(pool_latch_wait(NULL), POOL_INVALID);
    assert_status(pool_latch_wait_until(NULL, &now), POOL_INVALID);
    assert_status(pool_latch_wait_until(&latch, NULL), POOL_INVALID);
    assert_status(pool_latch_wait_until(&latch, &odd), POOL_INVALID);
    assert_int_equal(pool_latch_count(NULL), 0);
    pool_latch_release(&latch);
    pool_latch_release(NULL);
}

static void miscounting_changes_nothing(void **state)
{
    (void)state;
    struct pool_latch latch;
    pool_latch_init(&latch, 2);
    assert_status(pool_latch_add(&latch, SIZE_MAX - 1), POOL_INVALID);
    assert_int_equal(pool_latch_count(&latch), 2);
    assert_status(pool_latch_add(&latch, SIZE_MAX - 2), POOL_OK);
    assert_status(pool_latch_add(&latch, 1), POOL_INVALID);
    assert_status(pool_latch_done(&latch, SIZE_MAX - 1), POOL_OK);
    assert_status(pool_latch_done(&latch, 2), POOL_INVALID); /* below zero */
    assert_int_equal(pool_latch_count(&latch), 1);
    assert_status(pool_latch_done(&latch, 0), POOL_OK);
    assert_status(pool_latch_done(&latch, 1), POOL_OK);
    assert_status(pool_latch_done(&latch, 1), POOL_INVALID);
    assert_status(pool_latch_wait(&latch), POOL_OK);
    assert_status(pool_latch_done(&latch, 1), POOL_INVALID);
    pool_latch_release(&latch);
}

static void zero_is_nothing_special_until_somebody_waits(void **state)
{
    (void)state;
    struct pool_latch latch;
    struct timespec past = moment_after(-1000), later = moment_after(3600 * 1000);
    pool_latch_init(&latch, 0);
    for (int i = 0; i < 3; i++) {
        assert_status(pool_latch_add(&latch, 1), POOL_OK);
        assert_status(pool_latch_done(&latch, 1), POOL_OK);
    }
    assert_status(pool_latch_add(&latch, 0), POOL_OK);
    assert_status(pool_latch_wait_until(&latch, &past), POOL_OK); /* the past still looks */
    assert_status(pool_latch_add(&latch, 1), POOL_ALREADY);
    assert_status(pool_latch_add(&latch, 0), POOL_ALREADY);
    assert_int_equal(pool_latch_count(&latch), 0);
    assert_status(pool_latch_wait(&latch), POOL_OK); /* open for good */
    assert_status(pool_latch_wait_until(&latch, &later), POOL_OK);
    pool_latch_release(&latch);
}

static void a_wait_that_was_late_opens_nothing(void **state)
{
    (void)state;
    struct pool_latch latch;
    struct timespec past = moment_after(-1000), soon = moment_after(2);
    pool_latch_init(&latch, 1);
    assert_status(pool_latch_wait_until(&latch, &past), POOL_TIMED_OUT);
    assert_status(pool_latch_wait_until(&latch, &soon), POOL_TIMED_OUT);
    assert_true(moment_has_passed(soon));
    assert_status(pool_latch_done(&latch, 1), POOL_OK);
    assert_status(pool_latch_add(&latch, 1), POOL_OK); /* nobody waits: not open */
    assert_status(pool_latch_done(&latch, 1), POOL_OK);
    assert_status(pool_latch_wait(&latch), POOL_OK);
    pool_latch_release(&latch);
}

static void count_down(void *latch)
{
    pool_latch_done(latch, 1);
}

static void what_is_done_at_the_last_moment_counts(void **state)
{
    (void)state;
    struct pool_latch latch;
    struct timespec soon = moment_after(0);
    pool_latch_init(&latch, 1);
    sleeps_end(1, ETIMEDOUT, count_down, &latch);
    assert_status(pool_latch_wait_until(&latch, &soon), POOL_OK);
    pool_latch_release(&latch);
}

static void a_wait_that_wakes_for_no_reason_goes_on(void **state)
{
    (void)state;
    struct pool_latch latch;
    struct timespec soon = moment_after(2);
    pool_latch_init(&latch, 5);
    sleeps_end(3, 0, count_down, &latch); /* not enough */
    assert_status(pool_latch_wait_until(&latch, &soon), POOL_TIMED_OUT);
    assert_int_equal(sleeps.times, 0);
    assert_int_equal(pool_latch_count(&latch), 2);
    assert_true(moment_has_passed(soon));
    pool_latch_release(&latch);
}

static void *wait_for_it(void *arg)
{
    return (void *)(intptr_t)pool_latch_wait(arg);
}

static void during_a_wait_the_counted_may_add(void **state)
{
    (void)state;
    struct pool_latch latch;
    pthread_t waiters[WAITERS];
    pool_latch_init(&latch, 1);
    for (int i = 0; i < WAITERS; i++)
        waiters[i] = thread_start(wait_for_it, &latch);
    await_sleepers_at(&latch.point, WAITERS);
    assert_status(pool_latch_add(&latch, 2), POOL_OK);
    assert_status(pool_latch_done(&latch, 1), POOL_OK);
    await_sleepers_at(&latch.point, WAITERS); /* nobody woke for good */
    assert_status(pool_latch_add(&latch, 0), POOL_OK);
    assert_status(pool_latch_done(&latch, 1), POOL_OK);
    assert_int_equal(pool_latch_count(&latch), 1);
    assert_status(pool_latch_done(&latch, 1), POOL_OK);
    assert_status(pool_latch_add(&latch, 1), POOL_ALREADY); /* the waiters are on their way out */
    for (int i = 0; i < WAITERS; i++)
        assert_status((enum pool_status)(intptr_t)thread_join(waiters[i]), POOL_OK);
    pool_latch_release(&latch);
}

struct task {
    struct pool_latch *latch;
    int result; /* not atomic: the latch has to order it */
};

static void *run_task(void *arg)
{
    struct task *task = arg;
    task->result = 1;
    pool_latch_done(task->latch, 1);
    return NULL;
}

/* And the latch may be gone at once: a done that touched it later would be seen by the sanitizers. */
static void the_wait_sees_what_the_counted_did(void **state)
{
    (void)state;
    for (int round = 0; round < 100; round++) {
        struct pool_latch *latch = malloc(sizeof *latch);
        struct task tasks[TASKS];
        pthread_t threads[TASKS];
        pool_latch_init(latch, 0);
        for (int i = 0; i < TASKS; i++) {
            tasks[i] = (struct task){.latch = latch};
            assert_status(pool_latch_add(latch, 1), POOL_OK);
            threads[i] = thread_start(run_task, &tasks[i]);
        }
        assert_status(pool_latch_wait(latch), POOL_OK);
        pool_latch_release(latch);
        free(latch);
        for (int i = 0; i < TASKS; i++)
            assert_int_equal(tasks[i].result, 1);
        for (int i = 0; i < TASKS; i++)
            thread_join(threads[i]);
    }
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        CASE(wrong_arguments_are_answered),
        CASE(miscounting_changes_nothing),
        CASE(zero_is_nothing_special_until_somebody_waits),
        CASE(a_wait_that_was_late_opens_nothing),
        CASE(what_is_done_at_the_last_moment_counts),
        CASE(a_wait_that_wakes_for_no_reason_goes_on),
        CASE(during_a_wait_the_counted_may_add),
        CASE(the_wait_sees_what_the_counted_did),
    };
    return cmocka_run_group_tests_name("core: latch", cases, NULL, NULL);
}
