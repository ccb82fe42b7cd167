/* test_future.c - one result, set once: who waits for it, who is called with it, and when it may be gone. */
/* link: -Wl,--wrap=pthread_cond_wait,--wrap=pthread_cond_timedwait */
#include "future.h"

#include "sleep_test.h"

enum { WAITERS = 3 };

static void assert_outcome(struct pool_outcome outcome, enum pool_status status, const void *value)
{
    assert_status(outcome.status, status);
    assert_ptr_equal(outcome.value, value);
}

/* A continuation's memory of its calls. */
struct heard {
    atomic_int calls;
    struct pool_outcome outcome;
    struct pool_future *released; /* not NULL: release and clear this first, as a waiter could have */
};

static void hear(void *context, struct pool_outcome outcome)
{
    struct heard *heard = context;
    atomic_fetch_add(&heard->calls, 1);
    heard->outcome = outcome;
    if (heard->released) {
        pool_future_release(heard->released);
        *heard->released = (struct pool_future){.is_set = false};
    }
}

/* --- one thread ----------------------------------------------------------------------------------------- */

static void wrong_arguments_are_answered(void **state)
{
    (void)state;
    struct pool_future future;
    struct timespec now = moment_after(0), early = {.tv_nsec = -1}, odd = {.tv_nsec = 1000000000};
    pool_future_init(&future);
    assert_status(pool_future_set(NULL, POOL_OK, NULL), POOL_INVALID);
    assert_status(pool_future_abandon(NULL), POOL_INVALID);
    assert_status(pool_future_wait(NULL, NULL), POOL_INVALID);
    assert_status(pool_future_wait_until(NULL, NULL, &now), POOL_INVALID);
    assert_status(pool_future_wait_until(&future, NULL, NULL), POOL_INVALID);
    assert_status(pool_future_wait_until(&future, NULL, &early), POOL_INVALID);
    assert_status(pool_future_wait_until(&future, NULL, &odd), POOL_INVALID);
    assert_status(pool_future_poll(NULL, NULL), POOL_INVALID);
    assert_status(pool_future_then(NULL, hear, NULL), POOL_INVALID);
    assert_status(pool_future_then(&future, NULL, NULL), POOL_INVALID);
    pool_future_release(&future);
    pool_future_release(NULL);
}

static void it_is_set_once(void **state)
{
    (void)state;
    int value, other;
    struct pool_future future;
    struct pool_outcome outcome = {POOL_FULL, &other};
    pool_future_init(&future);
    assert_status(pool_future_poll(&future, &outcome), POOL_EMPTY);
    assert_outcome(outcome, POOL_FULL, &other);
    assert_status(pool_future_set(&future, POOL_FAILED, &value), POOL_OK);
    assert_status(pool_future_set(&future, POOL_OK, &other), POOL_ALREADY);
    assert_status(pool_future_abandon(&future), POOL_ALREADY);
    assert_status(pool_future_poll(&future, &outcome), POOL_OK);
    assert_outcome(outcome, POOL_FAILED, &value);
    outcome = (struct pool_outcome){0};
    assert_status(pool_future_wait(&future, &outcome), POOL_OK);
    assert_outcome(outcome, POOL_FAILED, &value);
    assert_status(pool_future_poll(&future, NULL), POOL_OK);
    assert_status(pool_future_wait(&future, NULL), POOL_OK);
    pool_future_release(&future);
}

static void an_abandoned_one_is_answered(void **state)
{
    (void)state;
    struct pool_future future;
    struct pool_outcome outcome = {POOL_OK, &future};
    pool_future_init(&future);
    assert_status(pool_future_abandon(&future), POOL_OK);
    assert_status(pool_future_wait(&future, &outcome), POOL_OK);
    assert_outcome(outcome, POOL_DISCARDED, NULL);
    pool_future_release(&future);
}

static void a_deadline_ends_the_wait(void **state)
{
    (void)state;
    struct pool_future future;
    struct pool_outcome outcome = {POOL_FULL, NULL};
    struct timespec past = moment_after(-1000), soon = moment_after(2);
    pool_future_init(&future);
    assert_status(pool_future_wait_until(&future, &outcome, &past), POOL_TIMED_OUT);
    assert_status(pool_future_wait_until(&future, &outcome, &soon), POOL_TIMED_OUT);
    assert_true(moment_has_passed(soon));
    assert_outcome(outcome, POOL_FULL, NULL);
    assert_status(pool_future_set(&future, POOL_TIMED_OUT, NULL), POOL_OK);
    assert_status(pool_future_wait_until(&future, &outcome, &past), POOL_OK); /* the past still looks */
    assert_outcome(outcome, POOL_TIMED_OUT, NULL);                            /* the task's, not the wait's */
    pool_future_release(&future);
}

static void set_to_itself(void *future)
{
    pool_future_set(future, POOL_OK, future);
}

static void what_is_set_at_the_last_moment_counts(void **state)
{
    (void)state;
    struct pool_future future;
    struct pool_outcome outcome;
    struct timespec soon = moment_after(0);
    pool_future_init(&future);
    sleeps_end(1, ETIMEDOUT, set_to_itself, &future);
    assert_status(pool_future_wait_until(&future, &outcome, &soon), POOL_OK);
    assert_ptr_equal(outcome.value, &future);
    pool_future_release(&future);
}

static void a_wait_that_wakes_for_no_reason_goes_on(void **state)
{
    (void)state;
    struct pool_future future;
    struct timespec soon = moment_after(2);
    pool_future_init(&future);
    sleeps_end(3, 0, NULL, NULL);
    assert_status(pool_future_wait_until(&future, NULL, &soon), POOL_TIMED_OUT);
    assert_int_equal(sleeps.times, 0);
    assert_true(moment_has_passed(soon));
    pool_future_release(&future);
}

/* --- continuations -------------------------------------------------------------------------------------- */

static void a_continuation_runs_when_it_is_set(void **state)
{
    (void)state;
    int value;
    struct heard heard = {0}, second = {0};
    struct pool_future future;
    pool_future_init(&future);
    assert_status(pool_future_then(&future, hear, &heard), POOL_OK);
    assert_status(pool_future_then(&future, hear, &second), POOL_ALREADY);
    assert_int_equal(heard.calls, 0);
    assert_status(pool_future_set(&future, POOL_OK, &value), POOL_OK);
    assert_status(pool_future_set(&future, POOL_OK, NULL), POOL_ALREADY);
    assert_int_equal(heard.calls, 1);
    assert_outcome(heard.outcome, POOL_OK, &value);
    assert_status(pool_future_then(&future, hear, &second), POOL_ALREADY);
    assert_int_equal(second.calls, 0);
    pool_future_release(&future);
}

static void a_late_continuation_runs_at_once(void **state)
{
    (void)state;
    int value;
    struct heard heard = {0};
    struct pool_future future;
    pool_future_init(&future);
    assert_status(pool_future_set(&future, POOL_FAILED, &value), POOL_OK);
    assert_status(pool_future_then(&future, hear, &heard), POOL_OK);
    assert_int_equal(heard.calls, 1);
    assert_outcome(heard.outcome, POOL_FAILED, &value);
    assert_status(pool_future_then(&future, hear, &heard), POOL_ALREADY);
    assert_int_equal(heard.calls, 1);
    pool_future_release(&future);
}

/* The lock is not held, or release would hang; and nothing is touched after it, or that would be seen. */
static void a_continuation_may_release_the_future(void **state)
{
    (void)state;
    struct pool_future *future = malloc(sizeof *future);
    struct heard heard = {.released = future};
    pool_future_init(future);
    assert_status(pool_future_then(future, hear, &heard), POOL_OK);
    assert_status(pool_future_set(future, POOL_OK, NULL), POOL_OK);
    assert_int_equal(heard.calls, 1);
    free(future);
}

/* --- many threads --------------------------------------------------------------------------------------- */

struct wait {
    struct pool_future *future;
    const struct timespec *deadline;
    enum pool_status status;
    struct pool_outcome outcome;
};

static void *wait_for_it(void *arg)
{
    struct wait *wait = arg;
    wait->status = wait->deadline ? pool_future_wait_until(wait->future, &wait->outcome, wait->deadline)
                                  : pool_future_wait(wait->future, &wait->outcome);
    return NULL;
}

static void every_waiter_wakes(void **state)
{
    (void)state;
    int value;
    struct pool_future future;
    struct timespec later = moment_after(3600 * 1000);
    struct wait waits[WAITERS];
    pthread_t threads[WAITERS];
    pool_future_init(&future);
    for (int i = 0; i < WAITERS; i++) {
        waits[i] = (struct wait){.future = &future, .deadline = i ? NULL : &later};
        threads[i] = thread_start(wait_for_it, &waits[i]);
    }
    await_sleepers_at(&future.point, WAITERS);
    assert_status(pool_future_set(&future, POOL_OK, &value), POOL_OK);
    for (int i = 0; i < WAITERS; i++) {
        thread_join(threads[i]);
        assert_status(waits[i].status, POOL_OK);
        assert_outcome(waits[i].outcome, POOL_OK, &value);
    }
    pool_future_release(&future);
}

static void *set_it(void *arg)
{
    pool_future_set(arg, POOL_OK, arg);
    return NULL;
}

/* The future is gone, and its memory other things, as soon as the wait or poll returns: the setter must not
 * touch it then. The sanitizers would see it. */
static void the_waiter_may_free_it_at_once(void **state)
{
    (void)state;
    for (int i = 0; i < 200; i++) {
        struct pool_outcome outcome;
        struct pool_future *future = malloc(sizeof *future);
        pool_future_init(future);
        pthread_t setter = thread_start(set_it, future);
        if (i % 2)
            assert_status(pool_future_wait(future, &outcome), POOL_OK);
        else
            while (pool_future_poll(future, &outcome) == POOL_EMPTY)
                sched_yield();
        assert_ptr_equal(outcome.value, future);
        pool_future_release(future);
        free(future);
        thread_join(setter);
    }
}

static void *set_and_count(void *arg)
{
    return (void *)(intptr_t)(pool_future_set(arg, POOL_OK, NULL) == POOL_OK);
}

static void of_many_producers_one_wins(void **state)
{
    (void)state;
    for (int round = 0; round < 50; round++) {
        struct heard heard = {0};
        struct pool_future future;
        pthread_t threads[WAITERS];
        intptr_t winners = 0;
        pool_future_init(&future);
        for (int i = 0; i < WAITERS; i++)
            threads[i] = thread_start(set_and_count, &future);
        assert_status(pool_future_then(&future, hear, &heard), POOL_OK);
        for (int i = 0; i < WAITERS; i++)
            winners += (intptr_t)thread_join(threads[i]);
        assert_int_equal(winners, 1);
        assert_int_equal(heard.calls, 1);
        pool_future_release(&future);
    }
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        CASE(wrong_arguments_are_answered),          CASE(it_is_set_once),
        CASE(an_abandoned_one_is_answered),          CASE(a_deadline_ends_the_wait),
        CASE(what_is_set_at_the_last_moment_counts), CASE(a_wait_that_wakes_for_no_reason_goes_on),
        CASE(a_continuation_runs_when_it_is_set),    CASE(a_late_continuation_runs_at_once),
        CASE(a_continuation_may_release_the_future), CASE(every_waiter_wakes),
        CASE(the_waiter_may_free_it_at_once),        CASE(of_many_producers_one_wins),
    };
    return cmocka_run_group_tests_name("core: future", cases, NULL, NULL);
}
