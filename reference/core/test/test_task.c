/* test_task.c - what tasks say of themselves: failures, threads that leave, labels; and each worker's state.
 */
#include "options_test.h"

/* --- failures ------------------------------------------------------------------------------------------- */

struct report {
    atomic_int count;
    struct pool_failure last; /* written by the one worker */
};

static void note_failure(void *context, const struct pool_failure *failure)
{
    struct report *report = context;
    report->last = *failure;
    atomic_fetch_add(&report->count, 1);
}

static void fail_twice(void *arg)
{
    (void)pool_task_fail(*(int *)arg + 1);
    (void)pool_task_fail(*(int *)arg);
}

static void leave_thread(void *arg)
{
    token_run(arg);
    pthread_exit(NULL);
}

static struct pool *pool_reporting(struct report *report)
{
    struct pool_options options = {.workers = 1, .capacity = 8, .discard = token_discard};
    options.on_failure = note_failure;
    options.context = report;
    return pool_with(&options);
}

static void a_failure_is_counted_and_told(void **state)
{
    (void)state;
    int code = 42;
    struct token token = {0};
    struct report report = {.count = 0};
    struct pool *pool = pool_reporting(&report);
    assert_int_equal(pool_submit_wait(pool, fail_twice, &code), POOL_FAILED);
    assert_int_equal(report.count, 1);
    assert_true(report.last.run == fail_twice && report.last.arg == &code);
    assert_true(report.last.code == 42 && report.last.left == 0);         /* the last code counts */
    assert_int_equal(pool_submit_wait(pool, token_run, &token), POOL_OK); /* the next one has not failed */
    struct pool_counts now = pool_counts(pool);
    assert_true(now.completed == 1 && now.failed == 1 && now.exited == 0 && report.count == 1);
    assert_balance(pool);
    pool_destroy(pool);
}

static void only_tasks_can_fail(void **state)
{
    (void)state;
    assert_int_equal(pool_task_fail(1), POOL_INVALID);
    assert_null(pool_task_state());
    assert_int_equal(pool_task_worker(), -1);
    pool_task_label("nobody reads this");
}

static void fail_with_nothing(void *arg)
{
    *(enum pool_status *)arg = pool_task_fail(0);
}

static void no_code_is_no_failure(void **state)
{
    (void)state;
    enum pool_status status = POOL_OK;
    struct pool *pool = pool_make(1, 1);
    assert_int_equal(pool_submit_wait(pool, fail_with_nothing, &status), POOL_OK);
    assert_int_equal(status, POOL_INVALID);
    pool_destroy(pool);
}

static void a_thread_that_leaves_is_replaced(void **state)
{
    (void)state;
    enum { LEAVERS = 5 };
    struct token token = {0}, after = {0};
    struct report report = {.count = 0};
    struct pool *pool = pool_reporting(&report);
    for (int i = 0; i < LEAVERS; i++)
        assert_int_equal(pool_submit_wait(pool, leave_thread, &token), POOL_FAILED);
    assert_int_equal(pool_submit_wait(pool, token_run, &after), POOL_OK);
    assert_true(report.count == LEAVERS && report.last.left == 1 && report.last.code == 0);
    struct pool_counts now = pool_counts(pool);
    assert_true(now.failed == LEAVERS && now.exited == LEAVERS && now.completed == 1 && now.workers == 1);
    assert_balance(pool);
    pool_destroy(pool);
    assert_fate(&token, LEAVERS, 0, 0);
}

static void what_waits_is_run_by_the_next(void **state)
{
    (void)state;
    struct token leaver = {0}, tokens[6] = {0};
    struct gate gate;
    struct pool_options options = {.workers = 1, .queue = POOL_UNBOUNDED, .batch = 8};
    struct pool *pool = pool_with(&options);
    hold_worker(pool, &gate);
    submit_ok(pool, leave_thread, &leaver); /* it leaves with the six below in its hand */
    for (int i = 0; i < 6; i++)
        submit_ok(pool, token_run, &tokens[i]);
    finish(pool, &gate); /* even while draining */
    for (int i = 0; i < 6; i++)
        assert_fate(&tokens[i], 1, 0, 0);
}

static void job_leaves(struct pool_job *job)
{
    (void)job;
    pthread_exit(NULL);
}

static void job_never(struct pool_job *job)
{
    (void)job;
    abort();
}

static void a_failed_job_is_told_as_a_job(void **state)
{
    (void)state;
    struct pool_job job = {.run = job_leaves, .discard = job_never};
    struct report report = {.count = 0};
    struct pool *pool = pool_reporting(&report);
    assert_int_equal(pool_submit_job(pool, &job, NULL), POOL_OK);
    assert_int_equal(pool_drain(pool), POOL_OK);
    assert_true(report.count == 1 && report.last.run == NULL && report.last.arg == &job);
    pool_destroy(pool);
}

/* --- notes ---------------------------------------------------------------------------------------------- */

static void labelled(void *arg)
{
    pool_task_label("standing in a gate");
    gate_pass(arg);
}

static void a_dump_shows_what_runs(void **state)
{
    (void)state;
    struct gate gate;
    struct pool_worker_info info[4] = {{.index = 77}};
    struct pool_options options = {.workers = 2, .capacity = 8, .notes = POOL_NOTES_ON};
    struct pool *pool = pool_with(&options);
    gate_init(&gate);
    struct timespec before = pool_deadline_after(0);
    submit_ok(pool, labelled, &gate);
    semaphore_wait(&gate.arrived);
    assert_int_equal(pool_workers(pool, NULL, 0), 2);
    assert_int_equal(pool_workers(pool, info, 4), 2);
    const struct pool_worker_info *busy = info[0].run ? &info[0] : &info[1];
    const struct pool_worker_info *idle = info[0].run ? &info[1] : &info[0];
    assert_true(busy->run == labelled && busy->busy == 1);
    assert_string_equal(busy->label, "standing in a gate");
    assert_true((long long)busy->since_ns >= nanoseconds(before));
    assert_true(idle->run == NULL && idle->label == NULL && idle->since_ns == 0);
    gate_open(&gate);
    assert_int_equal(pool_wait_idle(pool, NULL), POOL_OK);
    assert_int_equal(pool_workers(pool, info, 2), 2);
    assert_true(info[0].label == NULL && info[1].label == NULL);
    assert_int_equal(info[0].completed + info[1].completed, 1);
    finish(pool, &gate);
}

/* --- state ---------------------------------------------------------------------------------------------- */

struct workshop {
    atomic_int starts, made, given_back, wrong;
    int fail_at; /* the so-manyth start fails; 0: none */
};

static int make_tool(void *context, unsigned index, void **state)
{
    struct workshop *shop = context;
    if (atomic_fetch_add(&shop->starts, 1) + 1 == shop->fail_at)
        return -1;
    atomic_fetch_add(&shop->made, 1);
    *state = (char *)shop + index; /* not to be followed */
    return 0;
}

static void give_tool_back(void *context, void *state)
{
    struct workshop *shop = context;
    shop->wrong += state == NULL;
    atomic_fetch_add(&shop->given_back, 1);
}

static void use_tool(void *arg)
{
    struct workshop *shop = arg;
    if (pool_task_state() != (char *)shop + pool_task_worker())
        atomic_fetch_add(&shop->wrong, 1);
}

static struct pool_options shop_options(struct workshop *shop)
{
    return (struct pool_options){.workers = 3,
                                 .capacity = 8,
                                 .worker_start = make_tool,
                                 .worker_stop = give_tool_back,
                                 .context = shop};
}

static void every_worker_has_a_state(void **state)
{
    (void)state;
    struct workshop shop = {.made = 0};
    struct pool_options options = shop_options(&shop);
    struct pool *pool = pool_with(&options);
    assert_int_equal(shop.made, 3); /* create has waited for them */
    for (int i = 0; i < 20; i++)
        submit_ok(pool, use_tool, &shop);
    assert_int_equal(pool_submit_wait(pool, leave_thread, &(struct token){0}), POOL_FAILED);
    assert_int_equal(pool_submit_wait(pool, use_tool, &shop), POOL_OK);
    assert_int_equal(pool_resize(pool, 1), POOL_OK);
    assert_int_equal(pool_drain(pool), POOL_OK);
    assert_true(shop.wrong == 0 && shop.made == 4 && shop.given_back == 4);
    pool_destroy(pool);
}

static void a_failed_constructor_is_told(void **state)
{
    (void)state;
    for (int at = 1; at <= 3; at++) {
        struct workshop shop = {.fail_at = at};
        struct pool_options options = shop_options(&shop);
        assert_int_equal(create_with(&options), POOL_FAILED);
        assert_true(shop.made == shop.given_back && shop.wrong == 0);
    }
}

static void await_unstarted(struct pool *pool, unsigned long long count)
{
    while (pool_counts(pool).unstarted < count)
        sched_yield();
}

static void a_later_one_is_counted_and_tried_again(void **state)
{
    (void)state;
    struct workshop shop = {.fail_at = 1};
    struct pool_options options = shop_options(&shop);
    options.start = POOL_START_LAZY;
    struct pool *pool = pool_with(&options);
    submit_ok(pool, use_tool, &shop);
    await_unstarted(pool, 1);
    await_workers(pool, 0);
    assert_int_equal(pool_counts(pool).queued, 1); /* no loop of threads that cannot start */
    submit_ok(pool, use_tool, &shop);
    assert_int_equal(pool_drain(pool), POOL_OK);
    assert_int_equal(pool_counts(pool).completed, 2);
    pool_destroy(pool);
    assert_true(shop.made == shop.given_back && shop.wrong == 0);
}

static void a_drain_without_a_worker_says_so(void **state)
{
    (void)state;
    struct timespec far = pool_deadline_after(3600 * 1000);
    for (int way = 0; way < 2; way++) {
        struct token token = {0};
        struct workshop shop = {.fail_at = 1};
        struct pool_options options = shop_options(&shop);
        struct pool_leftover left = {7, 7};
        options.start = POOL_START_LAZY;
        options.discard = token_discard;
        struct pool *pool = pool_with(&options);
        submit_ok(pool, token_run, &token);
        await_unstarted(pool, 1);
        await_workers(pool, 0);
        assert_int_equal(way ? pool_drain(pool) : pool_drain_until(pool, &far, &left), POOL_NO_THREAD);
        assert_fate(&token, 0, 1, 0);
        assert_balance(pool);
        pool_destroy(pool);
    }
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        CASE(a_failure_is_counted_and_told),
        CASE(only_tasks_can_fail),
        CASE(no_code_is_no_failure),
        CASE(a_thread_that_leaves_is_replaced),
        CASE(what_waits_is_run_by_the_next),
        CASE(a_failed_job_is_told_as_a_job),
        CASE(a_dump_shows_what_runs),
        CASE(every_worker_has_a_state),
        CASE(a_failed_constructor_is_told),
        CASE(a_later_one_is_counted_and_tried_again),
        CASE(a_drain_without_a_worker_says_so),
    };
    return cmocka_run_group_tests_name("core: tasks", cases, NULL, NULL);
}
