/* test_flight.c - single flight: one work for many callers, shared failures, keys, forget, time, the end.
 * Works that wait for themselves are in test_flight_ring.c. */
/* link: -Wl,--wrap=pthread_cond_timedwait */
#include "flight_test.h"

static int stay_and_fail(void *arg, void **value)
{
    stay(arg, value);
    return 13;
}

static int fail_with(void *arg, void **value)
{
    (void)value;
    return *(int *)arg;
}

/* LEADER begins WORK for KEY and stops in DESK's gate; then COUNT others join it. */
static void start_crowd(struct pool_flight *flight, struct desk *desk, pool_flight_work *work,
                        struct caller *leader, struct caller *others, size_t count)
{
    size_t before = pool_flight_counts(flight).waiting;
    memset(desk, 0, sizeof *desk);
    gate_init(&desk->gate);
    caller_start(leader, flight, "key", work, desk);
    gate_await(&desk->gate);
    for (size_t i = 0; i < count; i++)
        caller_start(&others[i], flight, "key", make_value, NULL);
    AWAIT(pool_flight_counts(flight).waiting == before + count);
}

/* --- cases -------------------------------------------------------------------------------------------- */

static void wrong_arguments_are_refused(void **state)
{
    (void)state;
    const struct pool_flight_answer *answer = (const struct pool_flight_answer *)state;
    struct timespec past = in_the_past();
    struct pool_flight *flight = flight_make();
    struct pool_flight_key none = {NULL, 3};
    assert_int_equal(pool_flight_create(NULL, NULL), POOL_INVALID);
    assert_int_equal(pool_flight_do(NULL, key_of("a"), make_value, NULL, &answer), POOL_INVALID);
    assert_null(answer);
    assert_int_equal(pool_flight_do(flight, none, make_value, NULL, &answer), POOL_INVALID);
    assert_int_equal(pool_flight_do(flight, key_of(NULL), make_value, NULL, NULL), POOL_INVALID);
    assert_int_equal(pool_flight_do(flight, key_of("a"), NULL, NULL, &answer), POOL_INVALID);
    assert_int_equal(pool_flight_do_until(flight, key_of("a"), NULL, NULL, &past, &answer), POOL_INVALID);
    answer = (const struct pool_flight_answer *)state;
    assert_int_equal(pool_flight_do_until(flight, key_of("a"), make_value, NULL, NULL, &answer),
                     POOL_INVALID);
    assert_null(answer);
    assert_int_equal(pool_flight_do_until(flight, key_of("a"), make_value, NULL, &no_deadline, NULL),
                     POOL_INVALID);
    assert_int_equal(pool_flight_forget(flight, none), POOL_INVALID);
    assert_int_equal(pool_flight_forget(flight, key_of("a")), POOL_EMPTY);
    assert_int_equal(pool_flight_forget(NULL, key_of("a")), POOL_INVALID);
    assert_int_equal(pool_flight_counts(NULL).run + pool_flight_counts(flight).run, 0);
    pool_flight_drop(NULL);
    pool_flight_destroy(flight);
    pool_flight_destroy(NULL);
}

static void one_caller_gets_its_own_answer(void **state)
{
    (void)state;
    struct pool_flight *flight = flight_make();
    struct timespec past = in_the_past();
    const struct pool_flight_answer *answer;
    assert_int_equal(pool_flight_do(flight, key_of("a"), make_value, NULL, &answer), POOL_OK);
    assert_string_equal(answer->value, "done");
    assert_int_equal(answer->error, 0);
    assert_int_equal(values_freed, 0);
    pool_flight_drop(answer);
    assert_int_equal(values_freed, 1);
    assert_int_equal(pool_flight_do(flight, key_of("a"), make_value, NULL, NULL), POOL_OK); /* not wanted */
    assert_int_equal(values_freed, 2);
    /* who runs the work itself is not limited by the deadline */
    assert_int_equal(pool_flight_do_until(flight, key_of("a"), make_value, NULL, &past, NULL), POOL_OK);
    assert_int_equal(pool_flight_counts(flight).run, 3); /* no cache */
    pool_flight_destroy(flight);
}

static void many_callers_one_work(void **state)
{
    enum { OTHERS = 30 };
    (void)state;
    struct pool_flight *flight = flight_make();
    struct desk desk;
    struct caller leader, others[OTHERS];
    start_crowd(flight, &desk, stay, &leader, others, OTHERS);
    gate_open(&desk.gate);
    assert_int_equal(call_join(&leader.call), POOL_OK);
    for (int i = 0; i < OTHERS; i++) {
        assert_int_equal(call_join(&others[i].call), POOL_OK);
        assert_ptr_equal(others[i].answer, leader.answer);
    }
    assert_int_equal(desk.ran, 1);
    pool_flight_destroy(flight); /* answers outlive it */
    pool_flight_drop(leader.answer);
    for (int i = 0; i < OTHERS; i++) {
        assert_int_equal(values_freed, 0);
        assert_string_equal(others[i].answer->value, "done");
        pool_flight_drop(others[i].answer);
    }
    assert_int_equal(values_freed, 1);
    gate_release(&desk.gate);
}

static void a_failure_is_shared_and_does_not_stick(void **state)
{
    (void)state;
    struct pool_flight *flight = flight_make();
    struct desk desk;
    struct caller leader, other;
    int error = 5;
    start_crowd(flight, &desk, stay_and_fail, &leader, &other, 1);
    gate_open(&desk.gate);
    assert_int_equal(call_join(&leader.call), POOL_FAILED);
    assert_int_equal(call_join(&other.call), POOL_FAILED);
    assert_int_equal(other.answer->error, 13);
    assert_string_equal(other.answer->value, "done"); /* whatever the work left there */
    pool_flight_drop(leader.answer);
    pool_flight_drop(other.answer);
    assert_int_equal(values_freed, 1);
    assert_int_equal(pool_flight_do(flight, key_of("key"), fail_with, &error, &leader.answer), POOL_FAILED);
    assert_true(leader.answer->error == 5 && !leader.answer->value);
    pool_flight_drop(leader.answer);
    assert_int_equal(pool_flight_do(flight, key_of("key"), make_value, NULL, NULL), POOL_OK);
    struct pool_flight_counts counts = pool_flight_counts(flight);
    assert_true(counts.run == 3 && counts.failed == 2 && counts.shared == 1 && counts.flying == 0);
    pool_flight_destroy(flight);
    gate_release(&desk.gate);
}

/* 600 keys at once need more than one place in some bucket; none hears another's answer. */
static int nest(void *arg, void **value)
{
    struct caller *caller = arg;
    int depth = caller->key.size ? *(const int *)caller->key.bytes : 0;
    *value = calloc(1, sizeof depth);
    memcpy(*value, &depth, sizeof depth);
    if (depth == 600)
        return 0;
    int next = depth + 1;
    struct caller inner = {.flight = caller->flight, .key = {&next, sizeof next}};
    const struct pool_flight_answer *answer;
    if (pool_flight_do(inner.flight, inner.key, nest, &inner, &answer) != POOL_OK)
        return 1;
    bool right = memcmp(answer->value, &next, sizeof next) == 0;
    pool_flight_drop(answer);
    return right ? 0 : 2;
}

static void keys_are_bytes(void **state)
{
    (void)state;
    struct pool_flight *flight = flight_make();
    struct caller outermost = {.flight = flight, .key = {NULL, 0}}; /* the empty key is one too */
    assert_int_equal(pool_flight_do(flight, outermost.key, nest, &outermost, NULL), POOL_OK);
    assert_int_equal(pool_flight_counts(flight).run, 601);
    assert_int_equal(values_freed, 601);
    pool_flight_destroy(flight);
}

static void other_keys_do_not_wait(void **state)
{
    (void)state;
    struct pool_flight *flight = flight_make();
    struct desk desk;
    struct caller leader;
    start_crowd(flight, &desk, stay, &leader, NULL, 0);
    assert_int_equal(pool_flight_do(flight, key_of("other"), make_value, NULL, NULL), POOL_OK);
    assert_int_equal(pool_flight_do(flight, key_of("ke"), make_value, NULL, NULL), POOL_OK);
    assert_int_equal(pool_flight_counts(flight).flying, 1);
    gate_open(&desk.gate);
    assert_int_equal(call_join(&leader.call), POOL_OK);
    pool_flight_drop(leader.answer);
    pool_flight_destroy(flight);
    gate_release(&desk.gate);
}

static void forget_lets_the_next_begin_anew(void **state)
{
    (void)state;
    struct pool_flight *flight = flight_make();
    struct desk old, young;
    struct caller old_leader, old_other, young_leader;
    start_crowd(flight, &old, stay_and_fail, &old_leader, &old_other, 1);
    assert_int_equal(pool_flight_forget(flight, key_of("key")), POOL_OK);
    assert_int_equal(pool_flight_forget(flight, key_of("key")), POOL_EMPTY);
    start_crowd(flight, &young, stay, &young_leader, NULL, 0);
    assert_int_equal(pool_flight_counts(flight).flying, 2);
    gate_open(&old.gate);
    assert_int_equal(call_join(&old_leader.call), POOL_FAILED);
    assert_int_equal(call_join(&old_other.call), POOL_FAILED); /* it waited already: it gets the old answer */
    struct caller late;
    caller_start(&late, flight, "key", make_value,
                 NULL); /* the old landing did not take the young one away */
    AWAIT(pool_flight_counts(flight).waiting == 1);
    gate_open(&young.gate);
    assert_int_equal(call_join(&young_leader.call), POOL_OK);
    assert_int_equal(call_join(&late.call), POOL_OK);
    struct caller *all[] = {&old_leader, &old_other, &young_leader, &late};
    for (int i = 0; i < 4; i++)
        pool_flight_drop(all[i]->answer);
    assert_int_equal(values_freed, 2);
    pool_flight_destroy(flight);
    gate_release(&old.gate);
    gate_release(&young.gate);
}

static void who_waits_may_run_out_of_time(void **state)
{
    (void)state;
    struct pool_flight *flight = flight_make();
    struct desk desk;
    struct caller leader, late;
    struct timespec past = in_the_past(), later = far_away();
    const struct pool_flight_answer *answer = (const struct pool_flight_answer *)state;
    gate_init(&timeout_gate);
    start_crowd(flight, &desk, stay, &leader, NULL, 0);
    assert_int_equal(pool_flight_do_until(flight, key_of("key"), make_value, NULL, &past, &answer),
                     POOL_TIMED_OUT);
    assert_null(answer);

    late =
        (struct caller){.flight = flight, .key = key_of("key"), .work = make_value, .deadline = &at_the_gate};
    call_start(&late.call, caller_do, &late);
    gate_await(&timeout_gate);
    struct caller patient = late;
    patient.deadline = &later;
    call_start(&patient.call, caller_do, &patient);
    AWAIT(pool_flight_counts(flight).waiting == 2);
    gate_open(&desk.gate);
    assert_int_equal(call_join(&leader.call), POOL_OK);
    gate_open(&timeout_gate);
    assert_int_equal(call_join(&late.call), POOL_OK); /* the answer came before it had the lock */
    assert_int_equal(call_join(&patient.call), POOL_OK);
    pool_flight_drop(late.answer);
    pool_flight_drop(patient.answer);
    pool_flight_drop(leader.answer);
    assert_int_equal(pool_flight_counts(flight).timed_out, 1);
    assert_int_equal(values_freed, 1);
    pool_flight_destroy(flight);
    gate_release(&desk.gate);
    gate_release(&timeout_gate);
}

static enum pool_status destroy_it(void *arg)
{
    pool_flight_destroy(arg);
    return POOL_OK;
}

static void a_destroy_waits_for_who_is_inside(void **state)
{
    (void)state;
    struct pool_flight *flight = flight_make();
    struct desk desk;
    struct caller leader, other;
    struct call destroy;
    start_crowd(flight, &desk, stay, &leader, &other, 1);
    call_start(&destroy, destroy_it, flight);
    assert_false(destroy.returned);
    gate_open(&desk.gate);
    assert_int_equal(call_join(&destroy), POOL_OK);
    assert_int_equal(call_join(&leader.call), POOL_OK);
    assert_int_equal(call_join(&other.call), POOL_OK);
    pool_flight_drop(leader.answer);
    pool_flight_drop(other.answer);
    gate_release(&desk.gate);
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        CASE(wrong_arguments_are_refused),
        CASE(one_caller_gets_its_own_answer),
        CASE(many_callers_one_work),
        CASE(a_failure_is_shared_and_does_not_stick),
        CASE(keys_are_bytes),
        CASE(other_keys_do_not_wait),
        CASE(forget_lets_the_next_begin_anew),
        CASE(who_waits_may_run_out_of_time),
        CASE(a_destroy_waits_for_who_is_inside),
    };
    return cmocka_run_group_tests_name("coordination: flight", cases, NULL, NULL);
}
