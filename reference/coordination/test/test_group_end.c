/* test_group_end.c - the group: cancel, failures that cancel, a stopped pool, calls from inside, helping, the
 * end.
 */
#include "group_test.h"

/* Hold the pool's only worker in the gate and queue COUNT tasks behind it. */
static void queue_up(struct probe *probe, struct pool_group_slot *slots, int count)
{
    assert_int_equal(pool_group_go(probe->group, stay, probe, &slots[0]), POOL_OK);
    gate_await(&probe->gate);
    for (int i = 1; i <= count; i++)
        assert_int_equal(pool_group_go(probe->group, count_run, probe, &slots[i]), POOL_OK);
}

static void a_cancel_throws_out_what_has_not_begun(void **state)
{
    (void)state;
    struct probe probe;
    struct pool_group_slot slots[6];
    probe_set(&probe, ON_POOL, 1, POOL_GROUP_NO_LIMIT, POOL_GROUP_CANCEL);
    queue_up(&probe, slots, 5);
    assert_int_equal(pool_group_is_cancelled(probe.group), 0);
    assert_int_equal(pool_group_cancel(probe.group), POOL_OK);
    assert_int_equal(pool_group_is_cancelled(probe.group), 1);
    assert_true(probe.discarded == 5 && probe.cancels == 1); /* at once, though the worker is busy */
    assert_int_equal(pool_group_counts(probe.group).cancelled, 5);
    assert_int_equal(pool_group_cancel(probe.group), POOL_OK);
    assert_int_equal(probe.cancels, 1);
    assert_int_equal(pool_group_go(probe.group, count_run, &probe, NULL), POOL_CANCELLED);
    assert_int_equal(pool_group_try(probe.group, count_run, &probe, NULL), POOL_CANCELLED);
    gate_open(&probe.gate);
    assert_int_equal(pool_group_wait(probe.group, NULL), POOL_CANCELLED);
    assert_int_equal(probe.ran, 1); /* the one that had begun was waited for */
    assert_int_equal(slots[0].status, POOL_OK);
    for (int i = 1; i <= 5; i++)
        assert_int_equal(slots[i].status, POOL_CANCELLED);
    probe_clear(&probe);
}

static void a_cancelled_group_may_be_gone_before_the_pool_gets_to_its_shells(void **state)
{
    (void)state;
    struct probe probe;
    struct gate elsewhere;
    gate_init(&elsewhere);
    probe_set(&probe, ON_POOL, 1, POOL_GROUP_NO_LIMIT, POOL_GROUP_CANCEL);
    assert_int_equal(pool_submit(probe.pool, gate_pass, &elsewhere), POOL_OK); /* not the group's */
    gate_await(&elsewhere);
    go(&probe, count_run, 5);
    pool_group_destroy(probe.group);
    probe.group = NULL;
    assert_true(probe.ran == 0 && probe.discarded == 5 && probe.cancels == 1);
    gate_open(&elsewhere);
    assert_int_equal(pool_drain(probe.pool), POOL_OK);
    assert_int_equal(probe.ran, 0);
    probe_clear(&probe);
    gate_release(&elsewhere);
}

static void a_failure_cancels_the_rest(void **state)
{
    (void)state;
    struct probe probe;
    int error = 0;
    probe_set(&probe, ON_POOL, 1, POOL_GROUP_NO_LIMIT, POOL_GROUP_CANCEL);
    go(&probe, stay_and_fail_8, 1);
    gate_await(&probe.gate);
    go(&probe, fail_7, 3);
    gate_open(&probe.gate);
    AWAIT(pool_group_counts(probe.group).failed == 1); /* a wait would help to run the others */
    assert_int_equal(pool_group_wait(probe.group, &error), POOL_FAILED);
    assert_int_equal(error, 8);
    assert_true(probe.ran == 1 && probe.discarded == 3 && probe.cancels == 1);
    assert_int_equal(pool_group_go(probe.group, count_run, &probe, NULL), POOL_CANCELLED);
    probe_clear(&probe);
    assert_int_equal(probe.cancels, 1);
}

static int stay_until_cancelled(void *arg, struct pool_group *group)
{
    struct probe *probe = arg;
    sem_post(&probe->gate.arrived);
    AWAIT(pool_group_is_cancelled(group));
    atomic_fetch_add(&probe->ran, 1);
    return 125;
}

/* A wait is over when the callbacks of the cancel are, not only the tasks. */
static void stay_on_cancel(void *context)
{
    gate_pass(&((struct probe *)context)->gate);
}

static enum pool_status cancel_it(void *arg)
{
    return pool_group_cancel(((struct probe *)arg)->group);
}

static void a_wait_waits_for_on_cancel(void **state)
{
    (void)state;
    struct probe probe = {.pool = NULL};
    struct call canceller;
    struct timespec past = in_the_past();
    struct pool_group_options options = {.limit = 1, .on_cancel = stay_on_cancel, .context = &probe};
    gate_init(&probe.gate);
    assert_int_equal(pool_group_create(&probe.group, &options), POOL_OK);
    call_start(&canceller, cancel_it, &probe);
    gate_await(&probe.gate);
    assert_int_equal(pool_group_wait_until(probe.group, &past, NULL), POOL_TIMED_OUT);
    gate_open(&probe.gate);
    assert_int_equal(pool_group_wait(probe.group, NULL), POOL_CANCELLED);
    assert_int_equal(call_join(&canceller), POOL_OK);
    probe_clear(&probe);
}

/* What runs can ask; the error that this provokes does not hide the cancel. */
static void what_runs_can_ask(void **state)
{
    enum where where = where_of(state);
    struct probe probe;
    struct pool_group_slot slot;
    int error = 0;
    probe_set(&probe, where, 1, 1, POOL_GROUP_CANCEL);
    assert_int_equal(pool_group_go(probe.group, stay_until_cancelled, &probe, &slot), POOL_OK);
    gate_await(&probe.gate);
    assert_int_equal(pool_group_cancel(probe.group), POOL_OK);
    assert_int_equal(pool_group_wait(probe.group, &error), POOL_CANCELLED);
    assert_true(error == 0 && slot.status == POOL_FAILED && slot.error == 125);
    probe_clear(&probe);
}

static void a_cancel_lets_waiting_callers_out(void **state)
{
    enum where where = where_of(state);
    struct probe probe;
    struct call calls[3];
    probe_set(&probe, where, 1, 1, POOL_GROUP_CANCEL);
    go(&probe, stay, 1);
    gate_await(&probe.gate);
    for (int i = 0; i < 3; i++)
        call_start(&calls[i], go_once, &probe);
    AWAIT(pool_group_counts(probe.group).blocked == 3);
    assert_int_equal(pool_group_cancel(probe.group), POOL_OK);
    for (int i = 0; i < 3; i++)
        assert_int_equal(call_join(&calls[i]), POOL_CANCELLED);
    assert_int_equal(probe.discarded, 0); /* never accepted: the arguments are the callers' */
    gate_open(&probe.gate);
    probe_clear(&probe);
}

static void a_reset_makes_it_as_new(void **state)
{
    enum where where = where_of(state);
    struct probe probe;
    struct call reset;
    int error = 0;
    probe_set(&probe, where, 1, 1, POOL_GROUP_CANCEL);
    go(&probe, stay_and_fail_8, 1);
    gate_await(&probe.gate);
    call_start(&reset, reset_it, &probe);
    AWAIT(pool_group_counts(probe.group).waiting == 1);
    gate_open(&probe.gate);
    assert_int_equal(call_join(&reset), POOL_OK);
    assert_int_equal(pool_group_is_cancelled(probe.group), 0);
    assert_int_equal(pool_group_wait(probe.group, &error), POOL_OK);
    go(&probe, fail_7, 1);
    assert_int_equal(pool_group_wait(probe.group, &error), POOL_FAILED);
    assert_int_equal(error, 7);
    assert_int_equal(probe.cancels, 2); /* once for each */
    probe_clear(&probe);
}

/* --- the pool says no --------------------------------------------------------------------------------- */

static void a_stopped_pool_discards_and_the_wait_ends(void **state)
{
    (void)state;
    struct probe probe;
    struct pool_group_slot slots[4];
    struct call stop;
    probe_set(&probe, ON_POOL, 1, POOL_GROUP_NO_LIMIT, POOL_GROUP_CANCEL);
    queue_up(&probe, slots, 3);
    call_start(&stop, stop_pool, &probe);
    AWAIT(probe.discarded == 3); /* by the group's function, not by the pool's, which would abort */
    gate_open(&probe.gate);
    assert_int_equal(call_join(&stop), POOL_OK);
    assert_int_equal(pool_group_wait(probe.group, NULL), POOL_DISCARDED);
    assert_int_equal(slots[0].status, POOL_OK);
    for (int i = 1; i <= 3; i++)
        assert_int_equal(slots[i].status, POOL_DISCARDED);
    assert_int_equal(pool_group_counts(probe.group).discarded, 3);
    assert_int_equal(pool_group_go(probe.group, count_run, &probe, NULL), POOL_STOPPED);
    assert_int_equal(pool_group_try(probe.group, count_run, &probe, NULL), POOL_STOPPED);
    assert_int_equal(pool_group_counts(probe.group).accepted, 4);
    probe_clear(&probe);
}

/* A case without the group's discard and on_cancel, on a pool with one place in its queue. */
static void a_full_pool_refuses_a_try(void **state)
{
    (void)state;
    struct probe probe;
    probe_set(&probe, ON_THREADS, 0, 1, POOL_GROUP_CANCEL);
    pool_group_destroy(probe.group);
    assert_int_equal(pool_create(&probe.pool, &(struct pool_options){.workers = 1, .capacity = 1}), POOL_OK);
    struct pool_group_options options = {.pool = probe.pool, .limit = POOL_GROUP_NO_LIMIT};
    assert_int_equal(pool_group_create(&probe.group, &options), POOL_OK);
    go(&probe, stay, 1);
    gate_await(&probe.gate);
    go(&probe, count_run, 1);
    assert_int_equal(pool_group_try(probe.group, count_run, &probe, NULL), POOL_FULL);
    assert_int_equal(pool_group_counts(probe.group).accepted, 2);
    assert_int_equal(pool_group_cancel(probe.group), POOL_OK);
    assert_int_equal(pool_group_counts(probe.group).cancelled, 1);
    gate_open(&probe.gate);
    assert_int_equal(pool_group_wait(probe.group, NULL), POOL_CANCELLED);
    probe_clear(&probe);
}

/* A caller sleeps in the pool's full queue with its task in the group's list; a wait runs that task, and when
 * the pool stops and refuses the shell the call says POOL_OK all the same. */
static void a_task_may_run_before_the_pool_has_taken_it(void **state)
{
    (void)state;
    struct probe probe;
    struct gate elsewhere;
    struct call late, stop, destroy;
    gate_init(&elsewhere);
    probe_set(&probe, ON_POOL, 1, POOL_GROUP_NO_LIMIT, POOL_GROUP_CANCEL);
    assert_int_equal(pool_submit(probe.pool, gate_pass, &elsewhere), POOL_OK);
    gate_await(&elsewhere);
    go(&probe, count_run, 64); /* all places of the queue */
    call_start(&late, go_once, &probe);
    AWAIT(pool_group_counts(probe.group).queued == 65);
    assert_int_equal(pool_group_wait(probe.group, NULL), POOL_OK); /* runs all 65 itself */
    assert_int_equal(probe.ran, 65);
    assert_false(late.returned);
    call_start(&destroy, destroy_it, &probe);
    AWAIT(probe.cancels == 1);
    assert_false(destroy.returned); /* a caller is still inside */
    call_start(&stop, stop_pool, &probe);
    assert_int_equal(call_join(&late), POOL_OK);
    assert_int_equal(call_join(&destroy), POOL_OK);
    probe.group = NULL;
    gate_open(&elsewhere);
    assert_int_equal(call_join(&stop), POOL_OK);
    assert_true(probe.ran == 65 && probe.discarded == 0);
    probe_clear(&probe);
    gate_release(&elsewhere);
}

/* --- from inside -------------------------------------------------------------------------------------- */

struct answers {
    struct probe *probe;
    enum pool_status go, try, wait, reset, until;
};

static int ask_from_inside(void *arg, struct pool_group *group)
{
    struct answers *answers = arg;
    struct timespec past = in_the_past();
    answers->go = pool_group_go(group, count_run, answers->probe, NULL);
    answers->try = pool_group_try(group, count_run, answers->probe, NULL);
    answers->wait = pool_group_wait(group, NULL);
    answers->until = pool_group_wait_until(group, &past, NULL);
    answers->reset = pool_group_reset(group);
    return 0;
}

static void a_task_cannot_wait_for_itself(void **state)
{
    enum where where = where_of(state);
    struct probe probe;
    struct answers answers = {.probe = &probe};
    probe_set(&probe, where, 2, 1, POOL_GROUP_CANCEL);
    assert_int_equal(pool_group_go(probe.group, ask_from_inside, &answers, NULL), POOL_OK);
    assert_int_equal(pool_group_wait(probe.group, NULL), POOL_OK);
    assert_int_equal(answers.go, POOL_WOULD_DEADLOCK);
    assert_int_equal(answers.try, POOL_FULL);
    assert_int_equal(answers.wait, POOL_WOULD_DEADLOCK);
    assert_int_equal(answers.until, POOL_WOULD_DEADLOCK);
    assert_int_equal(answers.reset, POOL_WOULD_DEADLOCK);
    assert_int_equal(pool_group_set_limit(probe.group, 3), POOL_OK);
    assert_int_equal(pool_group_go(probe.group, ask_from_inside, &answers, NULL), POOL_OK);
    assert_int_equal(pool_group_wait(probe.group, NULL), POOL_OK);
    assert_int_equal(answers.go, POOL_OK); /* below the limit a task may add more */
    assert_int_equal(answers.try, POOL_OK);
    assert_int_equal(probe.ran, 2);
    probe_clear(&probe);
}

static void on_cancel_is_inside(void *context)
{
    struct answers *answers = context;
    answers->wait = pool_group_wait(answers->probe->group, NULL);
    answers->go = pool_group_go(answers->probe->group, count_run, answers->probe, NULL);
}

static void a_callback_cannot_wait_for_itself(void **state)
{
    (void)state;
    struct probe probe = {0};
    struct answers answers = {.probe = &probe};
    struct pool_group_options options = {.limit = 1, .on_cancel = on_cancel_is_inside, .context = &answers};
    assert_int_equal(pool_group_create(&probe.group, &options), POOL_OK);
    assert_int_equal(pool_group_cancel(probe.group), POOL_OK);
    assert_int_equal(answers.wait, POOL_WOULD_DEADLOCK);
    assert_int_equal(answers.go, POOL_CANCELLED);
    pool_group_destroy(probe.group);
}

/* A tree of groups, each waited for inside a task of the one worker they all share. */
struct tree {
    struct pool *pool;
    int depth;
    atomic_int *leaves;
};

static int grow(void *arg, struct pool_group *group)
{
    (void)group;
    struct tree *tree = arg;
    struct tree below = {.pool = tree->pool, .depth = tree->depth - 1, .leaves = tree->leaves};
    struct pool_group *inner;
    struct pool_group_options options = {.pool = tree->pool, .limit = 2};
    int failures = 0;

    if (tree->depth == 0) {
        atomic_fetch_add(tree->leaves, 1);
        return 0;
    }
    if (pool_group_create(&inner, &options) != POOL_OK)
        return 1;
    for (int i = 0; i < 3; i++) /* the third passes the limit: it, too, is helped on */
        failures += pool_group_go(inner, grow, &below, NULL) != POOL_OK;
    failures += pool_group_wait(inner, NULL) != POOL_OK;
    pool_group_destroy(inner);
    return failures;
}

static void groups_on_one_worker_may_be_nested(void **state)
{
    (void)state;
    struct probe probe;
    atomic_int leaves = 0;
    probe_set(&probe, ON_POOL, 1, 1, POOL_GROUP_CANCEL);
    struct tree tree = {.pool = probe.pool, .depth = 3, .leaves = &leaves};
    assert_int_equal(pool_group_go(probe.group, grow, &tree, NULL), POOL_OK);
    assert_int_equal(pool_group_wait(probe.group, NULL), POOL_OK);
    assert_int_equal(leaves, 27);
    probe_clear(&probe);
}

/* --- the end ------------------------------------------------------------------------------------------ */

static void a_destroy_cancels_and_waits(void **state)
{
    enum where where = where_of(state);
    struct probe probe;
    struct call waiter, caller, destroy;
    probe_set(&probe, where, 1, 1, POOL_GROUP_CANCEL);
    go(&probe, stay_until_cancelled, 1);
    gate_await(&probe.gate);
    call_start(&waiter, wait_for_all, &probe);
    call_start(&caller, go_once, &probe);
    AWAIT(pool_group_counts(probe.group).waiting == 1 && pool_group_counts(probe.group).blocked == 1);
    call_start(&destroy, destroy_it, &probe);
    assert_int_equal(call_join(&waiter), POOL_CANCELLED);
    assert_int_equal(call_join(&caller), POOL_CANCELLED);
    assert_int_equal(call_join(&destroy), POOL_OK);
    assert_true(probe.ran == 1 && probe.cancels == 1);
    probe.group = NULL;
    probe_clear(&probe);
}

static void a_group_that_went_well_ends_without_a_cancel(void **state)
{
    enum where where = where_of(state);
    struct probe probe;
    probe_set(&probe, where, 1, 2, POOL_GROUP_CANCEL);
    go(&probe, count_run, 4);
    assert_int_equal(pool_group_wait(probe.group, NULL), POOL_OK);
    probe_clear(&probe);
    assert_true(probe.ran == 4 && probe.cancels == 0);
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        CASE(a_cancel_throws_out_what_has_not_begun),
        CASE(a_cancelled_group_may_be_gone_before_the_pool_gets_to_its_shells),
        CASE(a_failure_cancels_the_rest),
        CASE(a_wait_waits_for_on_cancel),
        BOTH(what_runs_can_ask),
        BOTH(a_cancel_lets_waiting_callers_out),
        BOTH(a_reset_makes_it_as_new),
        CASE(a_stopped_pool_discards_and_the_wait_ends),
        CASE(a_full_pool_refuses_a_try),
        CASE(a_task_may_run_before_the_pool_has_taken_it),
        BOTH(a_task_cannot_wait_for_itself),
        CASE(a_callback_cannot_wait_for_itself),
        CASE(groups_on_one_worker_may_be_nested),
        BOTH(a_destroy_cancels_and_waits),
        BOTH(a_group_that_went_well_ends_without_a_cancel),
    };
    return cmocka_run_group_tests_name("coordination: the end of a group", cases, NULL, NULL);
}
