/* test_task_outside.c - what tasks may say where there is little to say it to: in their submitter's thread,
 * in a pool without notes, in a task of another pool.
 */
#include "options_test.h"

static atomic_int told;
static struct pool_failure failure; /* written before `told` */

static void note_failure(void *context, const struct pool_failure *how)
{
    (void)context;
    failure = *how;
    atomic_fetch_add(&told, 1);
}

struct said {
    void *state;
    int worker;
    enum pool_status failed;
};

static void say_all(void *arg)
{
    struct said *said = arg;
    pool_task_label("said");
    *said =
        (struct said){.state = pool_task_state(), .worker = pool_task_worker(), .failed = pool_task_fail(7)};
}

static int give_state(void *context, unsigned index, void **state)
{
    (void)index;
    *state = context;
    return 0;
}

static void a_task_in_its_submitter_has_no_worker(void **state)
{
    int made = 0;
    struct said said = {.state = state};
    struct gate gate;
    struct pool_options options = {.workers = 1,
                                   .capacity = 1,
                                   .overflow = POOL_CALLER_RUNS,
                                   .notes = POOL_NOTES_ON,
                                   .worker_start = give_state,
                                   .on_failure = note_failure,
                                   .context = &made};
    struct pool *pool = pool_with(&options);
    struct token queued = {0};
    told = 0;
    hold_worker(pool, &gate);
    submit_ok(pool, token_run, &queued); /* the queue is full: */
    submit_ok(pool, say_all, &said);     /* this one runs here */
    assert_true(said.state == NULL && said.worker == -1 && said.failed == POOL_OK);
    assert_true(told == 1 && failure.run == say_all && failure.arg == &said && failure.code == 7);
    assert_int_equal(pool_counts(pool).failed, 1);
    struct pool_worker_info info;
    assert_int_equal(pool_workers(pool, &info, 1), 1);
    assert_null(info.label); /* of the worker in the gate: nothing was said there */
    finish(pool, &gate);
    assert_fate(&queued, 1, 0, 0);
}

struct watched {
    struct pool *pool;
    struct said said;
    struct pool_worker_info info;
};

static void say_and_look(void *arg)
{
    struct watched *watched = arg;
    say_all(&watched->said);
    (void)pool_workers(watched->pool, &watched->info, 1);
}

static void without_notes_a_label_is_not_kept(void **state)
{
    (void)state;
    int made = 0;
    struct pool_options options = {.workers = 1,
                                   .capacity = 1,
                                   .worker_start = give_state,
                                   .on_failure = note_failure,
                                   .context = &made};
    struct watched watched = {.pool = pool_with(&options)};
    told = 0;
    submit_ok(watched.pool, say_and_look, &watched);
    assert_int_equal(pool_drain(watched.pool), POOL_OK);
    assert_true(watched.said.state == &made && watched.said.worker == 0);
    assert_true(watched.info.busy && !watched.info.label && !watched.info.run && watched.info.since_ns == 0);
    assert_true(told == 1 && failure.run == say_and_look && failure.arg == &watched && failure.left == 0);
    pool_destroy(watched.pool);
}

struct guest {
    struct pool *other;
    struct token *tokens;
    enum pool_status status[2];
};

static void submit_to_the_other(void *arg)
{
    struct guest *guest = arg;
    for (int i = 0; i < 2; i++)
        guest->status[i] = pool_submit(guest->other, token_run, &guest->tokens[i]);
}

/* Own deques are for the pool's own tasks: for this one the worker is a stranger, and the queue is the place. */
static void a_task_of_another_pool_has_no_deque_here(void **state)
{
    (void)state;
    struct token tokens[2] = {0};
    struct gate gate;
    struct pool_options options = {.workers = 1, .queue = POOL_UNBOUNDED, .inner = POOL_INNER_OWN};
    struct guest guest = {.other = pool_with(&options), .tokens = tokens};
    struct pool *pool = pool_with(&options);
    hold_worker(guest.other, &gate);
    assert_int_equal(pool_submit_wait(pool, submit_to_the_other, &guest), POOL_OK);
    assert_true(guest.status[0] == POOL_OK && guest.status[1] == POOL_OK);
    assert_int_equal(pool_counts(guest.other).queued, 2);
    assert_int_equal(pool_counts(pool).submitted, 1);
    finish(guest.other, &gate);
    for (int i = 0; i < 2; i++)
        assert_fate(&tokens[i], 1, 0, 0);
    pool_destroy(pool);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(a_task_in_its_submitter_has_no_worker),
        CASE(without_notes_a_label_is_not_kept),
        CASE(a_task_of_another_pool_has_no_deque_here),
    };
    return cmocka_run_group_tests_name("core: tasks elsewhere", tests, NULL, NULL);
}
