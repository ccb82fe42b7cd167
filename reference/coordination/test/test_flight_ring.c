/* test_flight_ring.c - works of one flight that would wait for themselves: directly, in a ring, through a
 * nested call.
 */
/* link: -Wl,--wrap=pthread_cond_timedwait */
#include "flight_test.h"

/* Work that stops in its gate, then asks for another key. */
struct asker {
    struct desk desk;
    struct pool_flight *flight;
    const char *wants;
    const struct timespec *deadline;
    enum pool_status answer;
};

static int ask(void *arg, void **value)
{
    struct asker *asker = arg;
    (void)value;
    gate_pass(&asker->desk.gate);
    asker->answer = asker->deadline
                        ? pool_flight_do_until(asker->flight, key_of(asker->wants), make_value, NULL,
                                               asker->deadline, NULL)
                        : pool_flight_do(asker->flight, key_of(asker->wants), make_value, NULL, NULL);
    return 0;
}

static void work_cannot_wait_for_itself(void **state)
{
    (void)state;
    struct asker asker = {.flight = flight_make(), .wants = "me"};
    struct timespec later = far_away();
    gate_init(&asker.desk.gate);
    for (int i = 0; i < 2; i++, asker.deadline = &later) { /* a deadline would only make it later */
        gate_open(&asker.desk.gate);
        assert_int_equal(pool_flight_do(asker.flight, key_of("me"), ask, &asker, NULL), POOL_OK);
        assert_int_equal(asker.answer, POOL_WOULD_DEADLOCK);
    }
    gate_open(&asker.desk.gate);
    asker.deadline = NULL;
    assert_int_equal(pool_flight_do(asker.flight, key_of("someone else"), ask, &asker, NULL), POOL_OK);
    assert_int_equal(asker.answer, POOL_OK);
    pool_flight_destroy(asker.flight);
    gate_release(&asker.desk.gate);
}

/* a's work asks for b, b's for c, c's for a: the one that would close the ring is told so, the others get
 * their answers. */
static void works_that_wait_in_a_ring_are_found(void **state)
{
    (void)state;
    static const char *const names[] = {"a", "b", "c"};
    struct pool_flight *flight = flight_make();
    struct asker askers[3];
    struct caller callers[3];
    for (int i = 0; i < 3; i++) {
        askers[i] = (struct asker){.flight = flight, .wants = names[(i + 1) % 3]};
        gate_init(&askers[i].desk.gate);
        caller_start(&callers[i], flight, names[i], ask, &askers[i]);
        gate_await(&askers[i].desk.gate);
    }
    for (size_t i = 0; i < 2; i++) {
        gate_open(&askers[i].desk.gate);
        AWAIT(pool_flight_counts(flight).waiting == i + 1);
    }
    gate_open(&askers[2].desk.gate);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(call_join(&callers[i].call), POOL_OK);
        pool_flight_drop(callers[i].answer);
        gate_release(&askers[i].desk.gate);
    }
    assert_int_equal(askers[0].answer, POOL_OK);
    assert_int_equal(askers[1].answer, POOL_OK);
    assert_int_equal(askers[2].answer, POOL_WOULD_DEADLOCK);
    pool_flight_destroy(flight);
}

/* outer's work leads inner, whose work asks for far; far's work asks for outer: a ring through a nested call.
 * A wait with a deadline in the ring would not count: it ends. */
static int lead_inner(void *arg, void **value)
{
    struct asker *asker = arg;
    (void)value;
    return pool_flight_do(asker->flight, key_of("inner"), ask, asker, NULL) == POOL_OK ? 0 : 1;
}

static void a_ring_through_a_nested_call_is_found(void **state)
{
    for (int timed = 0; timed < 2; timed++) {
        (void)state;
        struct pool_flight *flight = flight_make();
        struct asker far = {.flight = flight, .wants = "outer"};
        struct asker near = {.flight = flight, .wants = "far", .deadline = timed ? &at_the_gate : NULL};
        struct caller callers[2];
        gate_init(&far.desk.gate);
        gate_init(&near.desk.gate);
        gate_init(&timeout_gate);
        caller_start(&callers[0], flight, "far", ask, &far);
        gate_await(&far.desk.gate); /* far is in the air: nobody else will lead it */
        caller_start(&callers[1], flight, "outer", lead_inner, &near);
        gate_open(&near.desk.gate);
        AWAIT(pool_flight_counts(flight).waiting == 1);
        gate_open(&far.desk.gate);
        if (timed) {
            AWAIT(pool_flight_counts(flight).waiting == 2); /* far does wait for outer, whose wait will end */
            gate_open(&timeout_gate);
        }
        for (int i = 0; i < 2; i++) {
            assert_int_equal(call_join(&callers[i].call), POOL_OK);
            pool_flight_drop(callers[i].answer);
        }
        assert_int_equal(far.answer, timed ? POOL_OK : POOL_WOULD_DEADLOCK);
        assert_int_equal(near.answer, timed ? POOL_TIMED_OUT : POOL_OK);
        pool_flight_destroy(flight);
        gate_release(&far.desk.gate);
        gate_release(&near.desk.gate);
        gate_release(&timeout_gate);
    }
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        CASE(work_cannot_wait_for_itself),
        CASE(works_that_wait_in_a_ring_are_found),
        CASE(a_ring_through_a_nested_call_is_found),
    };
    return cmocka_run_group_tests_name("coordination: flights that wait for themselves", cases, NULL, NULL);
}
