/* test_group.c - the group: limit, try, first error, slots, wait, reuse. test_group_end.c has cancel and the
 * end.
 */
/* link: -Wl,--wrap=pthread_cond_timedwait */
#include "group_test.h"
#include "timeout_test.h"

static void wrong_arguments_are_refused(void **state)
{
    (void)state;
    struct pool_group *group = (struct pool_group *)state;
    struct timespec past = in_the_past();
    assert_int_equal(pool_group_create(NULL, &(struct pool_group_options){.limit = 1}), POOL_INVALID);
    assert_int_equal(pool_group_create(&group, NULL), POOL_INVALID);
    assert_null(group);
    assert_int_equal(pool_group_create(&group, &(struct pool_group_options){.limit = 0}), POOL_INVALID);
    assert_null(group);
    assert_int_equal(pool_group_create(&group, &(struct pool_group_options){.limit = 1, .on_failure = 2}),
                     POOL_INVALID);
    assert_int_equal(pool_group_create(&group, &(struct pool_group_options){.limit = 1}), POOL_OK);
    assert_int_equal(pool_group_go(group, NULL, NULL, NULL), POOL_INVALID);
    assert_int_equal(pool_group_try(group, NULL, NULL, NULL), POOL_INVALID);
    assert_int_equal(pool_group_go(NULL, count_run, NULL, NULL), POOL_INVALID);
    assert_int_equal(pool_group_set_limit(group, 0), POOL_INVALID);
    assert_int_equal(pool_group_set_limit(NULL, 1), POOL_INVALID);
    assert_int_equal(pool_group_cancel(NULL), POOL_INVALID);
    assert_int_equal(pool_group_wait(NULL, NULL), POOL_INVALID);
    assert_int_equal(pool_group_wait_until(NULL, &past, NULL), POOL_INVALID);
    assert_int_equal(pool_group_wait_until(group, NULL, NULL), POOL_INVALID);
    assert_int_equal(pool_group_wait_until(group, &no_deadline, NULL), POOL_INVALID);
    assert_int_equal(pool_group_reset(NULL), POOL_INVALID);
    assert_int_equal(pool_group_is_cancelled(NULL), 0);
    assert_int_equal(pool_group_counts(NULL).limit, 0);
    assert_int_equal(pool_group_counts(group).accepted, 0);
    pool_group_destroy(group);
    pool_group_destroy(NULL);
}

static void an_empty_group_is_over(void **state)
{
    (void)state;
    struct probe probe;
    int error = -1;
    struct timespec past = in_the_past();
    probe_set(&probe, ON_THREADS, 1, 1, POOL_GROUP_CANCEL);
    assert_int_equal(pool_group_wait(probe.group, &error), POOL_OK);
    assert_int_equal(pool_group_wait_until(probe.group, &past, &error), POOL_OK);
    assert_int_equal(error, -1);
    assert_int_equal(pool_group_counts(probe.group).threads, 0); /* none before there is a task */
    probe_clear(&probe);
}

/* Each task's outcome lands in its own slot, whatever the order in which they end. */
static int fail_if_odd(void *arg, struct pool_group *group)
{
    (void)group;
    return *(int *)arg % 2 ? *(int *)arg : 0;
}

static void slots_are_in_order(void **state)
{
    enum { TASKS = 40 };
    enum where where = where_of(state);
    struct probe probe;
    int numbers[TASKS];
    struct pool_group_slot slots[TASKS];
    probe_set(&probe, where, 2, 3, POOL_GROUP_GO_ON);
    for (int i = 0; i < TASKS; i++) {
        numbers[i] = i;
        assert_int_equal(pool_group_go(probe.group, fail_if_odd, &numbers[i], &slots[i]), POOL_OK);
    }
    int error = 0;
    assert_int_equal(pool_group_wait(probe.group, &error), POOL_FAILED);
    assert_true(error % 2 == 1 && error < TASKS);
    for (int i = 0; i < TASKS; i++) {
        assert_int_equal(slots[i].status, i % 2 ? POOL_FAILED : POOL_OK);
        assert_int_equal(slots[i].error, i % 2 ? i : 0);
    }
    struct pool_group_counts counts = pool_group_counts(probe.group);
    assert_true(counts.succeeded == TASKS / 2 && counts.failed == TASKS / 2);
    assert_int_equal(probe.cancels, 0);
    assert_false(pool_group_is_cancelled(probe.group));
    probe_clear(&probe);
}

static int watch_peak(void *arg, struct pool_group *group)
{
    (void)group;
    struct probe *probe = arg;
    int now = atomic_fetch_add(&probe->running, 1) + 1;
    for (int peak = probe->peak; now > peak && !atomic_compare_exchange_weak(&probe->peak, &peak, now);)
        ;
    sched_yield();
    atomic_fetch_sub(&probe->running, 1);
    return 0;
}

static void the_limit_is_never_passed(void **state)
{
    enum where where = where_of(state);
    struct probe probe;
    probe_set(&probe, where, 6, 3, POOL_GROUP_CANCEL);
    for (int i = 0; i < 300; i++)
        assert_int_equal(pool_group_go(probe.group, watch_peak, &probe, NULL), POOL_OK);
    assert_int_equal(pool_group_wait(probe.group, NULL), POOL_OK);
    assert_in_range(probe.peak, 1, 3);
    assert_int_equal(pool_group_counts(probe.group).succeeded, 300);
    if (where == ON_THREADS)
        assert_in_range(pool_group_counts(probe.group).threads, 1, 3);
    probe_clear(&probe);
}

static void at_the_limit_try_is_refused_and_go_waits(void **state)
{
    enum where where = where_of(state);
    struct probe probe;
    struct call call;
    probe_set(&probe, where, 2, 2, POOL_GROUP_CANCEL);
    go(&probe, stay, 2);
    gate_await(&probe.gate);
    gate_await(&probe.gate);
    assert_int_equal(pool_group_try(probe.group, count_run, &probe, NULL), POOL_FULL);
    call_start(&call, go_once, &probe);
    AWAIT(pool_group_counts(probe.group).blocked == 1);
    gate_open(&probe.gate);
    assert_int_equal(call_join(&call), POOL_OK);
    gate_open(&probe.gate);
    assert_int_equal(pool_group_wait(probe.group, NULL), POOL_OK);
    assert_int_equal(probe.ran, 3);
    assert_int_equal(pool_group_try(probe.group, count_run, &probe, NULL), POOL_OK);
    assert_int_equal(pool_group_wait(probe.group, NULL), POOL_OK);
    probe_clear(&probe);
}

static void the_limit_may_change_at_any_time(void **state)
{
    (void)state;
    struct probe probe;
    struct call calls[2];
    probe_set(&probe, ON_THREADS, 0, 1, POOL_GROUP_CANCEL);
    go(&probe, stay, 1);
    gate_await(&probe.gate);
    for (int i = 0; i < 2; i++)
        call_start(&calls[i], go_once, &probe);
    AWAIT(pool_group_counts(probe.group).blocked == 2);
    assert_int_equal(pool_group_set_limit(probe.group, POOL_GROUP_NO_LIMIT), POOL_OK); /* lets both in */
    for (int i = 0; i < 2; i++)
        assert_int_equal(call_join(&calls[i]), POOL_OK);
    AWAIT(probe.ran == 2);
    go(&probe, stay, 1);
    assert_int_equal(pool_group_set_limit(probe.group, 1), POOL_OK); /* two run on, but no third comes in */
    assert_int_equal(pool_group_try(probe.group, count_run, &probe, NULL), POOL_FULL);
    gate_open(&probe.gate);
    gate_open(&probe.gate);
    assert_int_equal(pool_group_wait(probe.group, NULL), POOL_OK);
    assert_int_equal(pool_group_counts(probe.group).limit, 1);
    probe_clear(&probe);
}

static void the_first_error_stays(void **state)
{
    enum where where = where_of(state);
    struct probe probe;
    int error = 0;
    probe_set(&probe, where, 2, 2, POOL_GROUP_GO_ON);
    go(&probe, stay_and_fail_8, 1);
    gate_await(&probe.gate);
    go(&probe, fail_7, 1);
    AWAIT(pool_group_counts(probe.group).failed == 1);
    gate_open(&probe.gate);
    for (int i = 0; i < 2; i++) { /* every wait hears it */
        assert_int_equal(pool_group_wait(probe.group, &error), POOL_FAILED);
        assert_int_equal(error, 7);
    }
    assert_int_equal(pool_group_wait(probe.group, NULL), POOL_FAILED);
    go(&probe, count_run, 1); /* a group that goes on after failures takes more */
    assert_int_equal(pool_group_wait(probe.group, NULL), POOL_FAILED);
    assert_int_equal(probe.ran, 3);
    probe_clear(&probe);
}

static void a_wait_may_run_out_of_time(void **state)
{
    enum where where = where_of(state);
    struct probe probe;
    struct timespec past = in_the_past(), later = far_away();
    probe_set(&probe, where, 1, 2, POOL_GROUP_CANCEL);
    go(&probe, stay, 1);
    gate_await(&probe.gate);
    assert_int_equal(pool_group_wait_until(probe.group, &past, NULL), POOL_TIMED_OUT);
    assert_int_equal(pool_group_counts(probe.group).waiting, 0);
    gate_open(&probe.gate);
    assert_int_equal(pool_group_wait_until(probe.group, &later, NULL), POOL_OK);
    assert_int_equal(probe.ran, 1);
    probe_clear(&probe);
}

static enum pool_status wait_at_the_gate(void *arg)
{
    return pool_group_wait_until(((struct probe *)arg)->group, &at_the_gate, NULL);
}

static void an_end_at_the_last_moment_counts(void **state)
{
    enum where where = where_of(state);
    struct probe probe;
    struct call call;
    gate_init(&timeout_gate);
    probe_set(&probe, where, 1, 2, POOL_GROUP_CANCEL);
    go(&probe, stay, 1);
    call_start(&call, wait_at_the_gate, &probe);
    gate_await(&timeout_gate);
    gate_open(&probe.gate);
    AWAIT(pool_group_counts(probe.group).succeeded == 1);
    gate_open(&timeout_gate);
    assert_int_equal(call_join(&call), POOL_OK);
    probe_clear(&probe);
    gate_release(&timeout_gate);
}

static void several_wait_at_once(void **state)
{
    enum where where = where_of(state);
    struct probe probe;
    struct call calls[3];
    probe_set(&probe, where, 1, 2, POOL_GROUP_CANCEL);
    go(&probe, stay, 1);
    gate_await(&probe.gate);
    for (int i = 0; i < 3; i++)
        call_start(&calls[i], wait_for_all, &probe);
    AWAIT(pool_group_counts(probe.group).waiting == 3);
    gate_open(&probe.gate);
    for (int i = 0; i < 3; i++)
        assert_int_equal(call_join(&calls[i]), POOL_OK);
    probe_clear(&probe);
}

/* Without a pool a thread that has nothing to do takes the next task: no thread for each. */
static void threads_are_used_again(void **state)
{
    (void)state;
    struct probe probe;
    probe_set(&probe, ON_THREADS, 0, POOL_GROUP_NO_LIMIT, POOL_GROUP_CANCEL);
    for (int i = 0; i < 20; i++) {
        go(&probe, count_run, 1);
        assert_int_equal(pool_group_wait(probe.group, NULL), POOL_OK);
    }
    assert_int_equal(pool_group_counts(probe.group).threads, 1);
    assert_int_equal(probe.ran, 20);
    probe_clear(&probe);
}

static void without_a_limit_all_run_at_once(void **state)
{
    (void)state;
    struct probe probe;
    probe_set(&probe, ON_THREADS, 0, POOL_GROUP_NO_LIMIT, POOL_GROUP_CANCEL);
    go(&probe, stay, 5);
    for (int i = 0; i < 5; i++)
        gate_await(&probe.gate);
    assert_int_equal(pool_group_counts(probe.group).running, 5);
    for (int i = 0; i < 5; i++)
        gate_open(&probe.gate);
    assert_int_equal(pool_group_wait(probe.group, NULL), POOL_OK);
    probe_clear(&probe);
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        CASE(wrong_arguments_are_refused),
        CASE(an_empty_group_is_over),
        BOTH(slots_are_in_order),
        BOTH(the_limit_is_never_passed),
        BOTH(at_the_limit_try_is_refused_and_go_waits),
        CASE(the_limit_may_change_at_any_time),
        BOTH(the_first_error_stays),
        BOTH(a_wait_may_run_out_of_time),
        BOTH(an_end_at_the_last_moment_counts),
        BOTH(several_wait_at_once),
        CASE(threads_are_used_again),
        CASE(without_a_limit_all_run_at_once),
    };
    return cmocka_run_group_tests_name("coordination: group", cases, NULL, NULL);
}
