/* test_edges.c - wake-ups and notes that only matter when two wait, or when something ends differently than it
 * began. Each case fails if the one line that it is about is taken out.
 */
/* link: -Wl,--wrap=pthread_cond_timedwait */
#include "channel.h"
#include "flight_test.h"
#include "group_inside.h"

/* --- a close lets out all, not one ---------------------------------------------------------------------- */

static enum pool_status send_null(void *channel)
{
    return pool_channel_send(channel, NULL);
}

static void a_close_lets_all_senders_out(void **state)
{
    (void)state;
    enum { SENDERS = 3 };
    struct pool_channel *channel;
    struct call senders[SENDERS];
    assert_int_equal(pool_channel_create(&channel, 1), POOL_OK);
    assert_int_equal(pool_channel_send(channel, NULL), POOL_OK);
    for (int i = 0; i < SENDERS; i++)
        call_start(&senders[i], send_null, channel);
    AWAIT(pool_channel_counts(channel).senders == SENDERS);
    assert_int_equal(pool_channel_close(channel), POOL_OK);
    for (int i = 0; i < SENDERS; i++)
        assert_int_equal(call_join(&senders[i]), POOL_STOPPED);
    pool_channel_destroy(channel);
}

/* --- groups --------------------------------------------------------------------------------------------- */

struct crowd {
    struct pool *pool;
    struct pool_group *group;
    struct gate gate;
};

static int stay_in(void *arg, struct pool_group *group)
{
    (void)group;
    gate_pass(&((struct crowd *)arg)->gate);
    return 0;
}

static int return_at_once(void *arg, struct pool_group *group)
{
    (void)arg, (void)group;
    return 0;
}

static enum pool_status go_in(void *arg)
{
    struct crowd *crowd = arg;
    return pool_group_go(crowd->group, return_at_once, crowd, NULL);
}

static enum pool_status go_and_stay(void *arg)
{
    struct crowd *crowd = arg;
    return pool_group_go(crowd->group, stay_in, crowd, NULL);
}

static enum pool_status wait_long(void *arg)
{
    struct timespec deadline = far_away();
    return pool_group_wait_until(((struct crowd *)arg)->group, &deadline, NULL);
}

static enum pool_status stop_pool(void *arg)
{
    return pool_stop(((struct crowd *)arg)->pool);
}

static void a_higher_limit_lets_all_in(void **state)
{
    (void)state;
    struct crowd crowd = {.pool = NULL};
    struct pool_group_options options = {.limit = 1};
    struct call callers[2];
    gate_init(&crowd.gate);
    assert_int_equal(pool_group_create(&crowd.group, &options), POOL_OK);
    assert_int_equal(pool_group_go(crowd.group, stay_in, &crowd, NULL), POOL_OK);
    gate_await(&crowd.gate);
    for (int i = 0; i < 2; i++)
        call_start(&callers[i], go_and_stay, &crowd);
    AWAIT(pool_group_counts(crowd.group).blocked == 2);
    assert_int_equal(pool_group_set_limit(crowd.group, POOL_GROUP_NO_LIMIT), POOL_OK);
    AWAIT(pool_group_counts(crowd.group).accepted == 3);
    for (int i = 0; i < 2; i++)
        assert_int_equal(call_join(&callers[i]), POOL_OK);
    for (int i = 0; i < 3; i++)
        gate_open(&crowd.gate); /* not before: a task that ends lets one in */
    pool_group_destroy(crowd.group);
    gate_release(&crowd.gate);
}

/* A task that the pool refuses after the group has counted it was the last that somebody waited for. (With a
 * deadline: without one the waiter would run the task itself.) */
static void a_task_that_is_taken_back_ends_the_wait(void **state)
{
    (void)state;
    struct crowd crowd = {.pool = NULL};
    struct call caller, waiter, stopper;
    gate_init(&crowd.gate);
    assert_int_equal(pool_create(&crowd.pool, &(struct pool_options){.workers = 1, .capacity = 1}), POOL_OK);
    struct pool_group_options options = {.pool = crowd.pool, .limit = 1};
    assert_int_equal(pool_group_create(&crowd.group, &options), POOL_OK);
    assert_int_equal(pool_submit(crowd.pool, gate_pass, &crowd.gate), POOL_OK);
    gate_await(&crowd.gate);
    assert_int_equal(pool_submit(crowd.pool, gate_pass, &crowd.gate), POOL_OK); /* the queue is full */
    call_start(&caller, go_in, &crowd);
    AWAIT(pool_group_counts(crowd.group).accepted == 1); /* and its submit waits for room */
    call_start(&waiter, wait_long, &crowd);
    AWAIT(pool_group_counts(crowd.group).waiting == 1);
    call_start(&stopper, stop_pool, &crowd);
    assert_int_equal(call_join(&caller), POOL_STOPPED);
    assert_int_equal(call_join(&waiter), POOL_OK);
    assert_int_equal(pool_group_counts(crowd.group).accepted, 0);
    gate_open(&crowd.gate);
    assert_int_equal(call_join(&stopper), POOL_OK);
    pool_group_destroy(crowd.group);
    pool_destroy(crowd.pool);
    gate_release(&crowd.gate);
}

static enum pool_status destroy_it(void *arg)
{
    pool_group_destroy(((struct crowd *)arg)->group);
    return POOL_OK;
}

static bool somebody_destroys(struct pool_group *group)
{
    lock_take(&group->lock);
    bool waits = group->gone.waiting == 1;
    lock_drop(&group->lock);
    return waits;
}

/* Nobody else is inside: it is the task's end alone that lets the destroy go on. */
static void a_destroy_waits_for_the_last_task(void **state)
{
    (void)state;
    for (int own_threads = 0; own_threads < 2; own_threads++) {
        struct crowd crowd = {.pool = NULL};
        struct pool_options one = {.workers = 1, .capacity = 1};
        struct call destroyer;
        gate_init(&crowd.gate);
        if (!own_threads)
            assert_int_equal(pool_create(&crowd.pool, &one), POOL_OK);
        struct pool_group_options options = {.pool = crowd.pool, .limit = 1};
        assert_int_equal(pool_group_create(&crowd.group, &options), POOL_OK);
        assert_int_equal(pool_group_go(crowd.group, stay_in, &crowd, NULL), POOL_OK);
        gate_await(&crowd.gate);
        call_start(&destroyer, destroy_it, &crowd);
        AWAIT(somebody_destroys(crowd.group));
        assert_false(destroyer.returned);
        gate_open(&crowd.gate);
        assert_int_equal(call_join(&destroyer), POOL_OK);
        pool_destroy(crowd.pool);
        gate_release(&crowd.gate);
    }
}

/* --- flights: what a work waited for is forgotten when it has it ------------------------------------------ */

struct asker {
    struct gate gate;
    struct pool_flight *flight;
    const char *wants;
    enum pool_status answer;
};

/* Ask for another key, drop its answer, stay. */
static int ask_and_stay(void *arg, void **value)
{
    struct asker *asker = arg;
    (void)value;
    asker->answer = pool_flight_do(asker->flight, key_of(asker->wants), make_value, NULL, NULL);
    gate_pass(&asker->gate);
    return 0;
}

/* Somebody waits for first's work, which is over with far, whose call is freed: its note must not be followed
 * any more (AddressSanitizer and Memcheck see it if it is). */
static void who_waits_next_finds_no_old_note(struct pool_flight *flight)
{
    struct asker first = {.flight = flight, .wants = "far"}, other = {.flight = flight, .wants = "first"};
    struct desk far = {.ran = 0};
    struct caller callers[3];
    bool joins =
        pool_flight_counts(flight).run == 0; /* the first time far is somebody else's, then first's own */
    gate_init(&first.gate);
    gate_init(&other.gate);
    gate_init(&far.gate);
    if (joins) {
        caller_start(&callers[2], flight, "far", stay, &far);
        gate_await(&far.gate);
    }
    caller_start(&callers[0], flight, "first", ask_and_stay, &first);
    if (joins) {
        AWAIT(pool_flight_counts(flight).waiting == 1);
        gate_open(&far.gate);
        assert_int_equal(call_join(&callers[2].call), POOL_OK);
        pool_flight_drop(callers[2].answer);
    }
    gate_await(&first.gate);
    caller_start(&callers[1], flight, "other", ask_and_stay, &other);
    AWAIT(pool_flight_counts(flight).waiting == 1);
    gate_open(&first.gate);
    gate_open(&other.gate);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(call_join(&callers[i].call), POOL_OK);
        pool_flight_drop(callers[i].answer);
    }
    assert_true(first.answer == POOL_OK && other.answer == POOL_OK);
    gate_release(&first.gate);
    gate_release(&other.gate);
    gate_release(&far.gate);
}

static void a_note_ends_with_the_wait(void **state)
{
    (void)state;
    struct pool_flight *flight = flight_make();
    who_waits_next_finds_no_old_note(flight);
    who_waits_next_finds_no_old_note(flight);
    pool_flight_destroy(flight);
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        CASE(a_close_lets_all_senders_out),
        CASE(a_higher_limit_lets_all_in),
        CASE(a_task_that_is_taken_back_ends_the_wait),
        CASE(a_destroy_waits_for_the_last_task),
        CASE(a_note_ends_with_the_wait),
    };
    return cmocka_run_group_tests_name("coordination: edges", cases, NULL, NULL);
}
