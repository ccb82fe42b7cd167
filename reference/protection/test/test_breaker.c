/* test_breaker.c - the breaker's three states and every way between them. What flaps is in
 * test_breaker_incidents.c. */
/* link: -Wl,--wrap=malloc,--wrap=calloc,--wrap=free */
#include "breaker.h"
#include "starve.h"

/* 10 s, 4 calls, half of them; 5 s open, 60 s at most; 2 probes that have 3 s; calm after 30 s. */
static struct pool_breaker_options usual(struct test_clock *time)
{
    test_clock_init(time);
    return (struct pool_breaker_options){.window = 10 * POOL_SECOND,
                                         .volume = 4,
                                         .percent = 50,
                                         .open_least = 5 * POOL_SECOND,
                                         .open_most = 60 * POOL_SECOND,
                                         .probes = 2,
                                         .calm = 30 * POOL_SECOND,
                                         .probe_limit = 3 * POOL_SECOND,
                                         .clock = &time->clock};
}

static struct pool_breaker *make(struct test_clock *time)
{
    struct pool_breaker *breaker;
    struct pool_breaker_options options = usual(time);
    assert_status(pool_breaker_create(&breaker, &options), POOL_OK);
    return breaker;
}

static void enter(struct pool_breaker *breaker, struct pool_breaker_pass *pass)
{
    assert_status(pool_breaker_enter(breaker, pass), POOL_OK);
    assert_int_equal(pass->retry_after, 0);
}

static void leave(struct pool_breaker *breaker, struct pool_breaker_pass *pass,
                  enum pool_call_outcome outcome)
{
    assert_status(pool_breaker_leave(breaker, pass, outcome), POOL_OK);
}

static void call(struct pool_breaker *breaker, enum pool_call_outcome outcome)
{
    struct pool_breaker_pass pass;
    enter(breaker, &pass);
    leave(breaker, &pass, outcome);
}

static void call_times(struct pool_breaker *breaker, int times, enum pool_call_outcome outcome)
{
    for (int i = 0; i < times; i++)
        call(breaker, outcome);
}

static void assert_refused(struct pool_breaker *breaker, uint64_t retry_after)
{
    struct pool_breaker_pass pass;
    assert_status(pool_breaker_enter(breaker, &pass), POOL_REJECTED);
    assert_int_equal(pass.retry_after, retry_after);
    assert_status(pool_breaker_leave(breaker, &pass, POOL_CALL_GOOD), POOL_INVALID);
}

static void assert_state(struct pool_breaker *breaker, enum pool_breaker_state state)
{
    assert_int_equal(pool_breaker_view(breaker).state, state);
}

static void few_calls_never_open_it(void **state)
{
    (void)state;
    struct test_clock time;
    struct pool_breaker *breaker = make(&time);
    call_times(breaker, 3, POOL_CALL_FAILED);
    assert_state(breaker, POOL_BREAKER_CLOSED);
    call(breaker, POOL_CALL_IGNORED); /* says nothing, so it is no fourth */
    assert_state(breaker, POOL_BREAKER_CLOSED);
    call(breaker, POOL_CALL_FAILED);
    assert_state(breaker, POOL_BREAKER_OPEN);
    pool_breaker_destroy(breaker);
}

static void the_rate_decides_and_only_within_the_window(void **state)
{
    (void)state;
    struct test_clock time;
    struct pool_breaker *breaker = make(&time);
    call_times(breaker, 6, POOL_CALL_GOOD);
    call_times(breaker, 5, POOL_CALL_FAILED); /* 5 of 11 */
    assert_state(breaker, POOL_BREAKER_CLOSED);
    pass_time(&time, 9 * POOL_SECOND);
    assert_int_equal(pool_breaker_view(breaker).calls, 11);
    assert_int_equal(pool_breaker_view(breaker).failures, 5);
    pass_time(&time, POOL_SECOND);
    assert_int_equal(pool_breaker_view(breaker).calls, 0);
    call_times(breaker, 2, POOL_CALL_GOOD);
    call_times(breaker, 2, POOL_CALL_FAILED); /* exactly half */
    assert_state(breaker, POOL_BREAKER_OPEN);
    pool_breaker_destroy(breaker);
}

static void old_slices_fall_out_one_by_one(void **state)
{
    (void)state;
    struct test_clock time;
    struct pool_breaker *breaker = make(&time);
    for (int second = 0; second < 25; second++) {
        call(breaker, POOL_CALL_GOOD);
        assert_int_equal(pool_breaker_view(breaker).calls, second < 10 ? second + 1 : 10);
        pass_time(&time, POOL_SECOND);
    }
    pass_time(&time, 4 * POOL_SECOND);
    assert_int_equal(pool_breaker_view(breaker).calls, 5);
    pool_breaker_destroy(breaker);
}

static struct pool_breaker *make_open(struct test_clock *time)
{
    struct pool_breaker *breaker = make(time);
    call_times(breaker, 4, POOL_CALL_FAILED);
    return breaker;
}

static void open_it_refuses_until_its_time_is_over(void **state)
{
    (void)state;
    struct test_clock time;
    struct pool_breaker *breaker = make_open(&time);
    assert_refused(breaker, 5 * POOL_SECOND);
    pass_time(&time, 5 * POOL_SECOND - 1);
    assert_refused(breaker, 1);
    assert_int_equal(pool_breaker_view(breaker).open_for, 1);
    assert_int_equal(pool_breaker_view(breaker).refused, 2);
    assert_int_equal(pool_breaker_view(breaker).passed, 4);
    pass_time(&time, 1);
    assert_state(breaker, POOL_BREAKER_HALF_OPEN); /* to those who look as well */
    assert_int_equal(pool_breaker_view(breaker).open_for, 0);
    pool_breaker_destroy(breaker);
}

static void half_open_it_lets_only_its_probes_through(void **state)
{
    (void)state;
    struct test_clock time;
    struct pool_breaker *breaker = make_open(&time);
    struct pool_breaker_pass first, second, third;
    pass_time(&time, 5 * POOL_SECOND);
    enter(breaker, &first);
    pass_time(&time, POOL_SECOND);
    enter(breaker, &second);
    assert_refused(breaker, 3 * POOL_SECOND);
    leave(breaker, &first, POOL_CALL_GOOD);
    assert_refused(breaker, 3 * POOL_SECOND); /* one good and one out are all that are needed */
    leave(breaker, &second, POOL_CALL_IGNORED);
    enter(breaker, &third); /* an ignored one has to be made up for */
    leave(breaker, &third, POOL_CALL_GOOD);
    assert_state(breaker, POOL_BREAKER_CLOSED);
    assert_int_equal(pool_breaker_view(breaker).calls, 0); /* it begins afresh */
    assert_int_equal(pool_breaker_view(breaker).transitions, 3);
    pool_breaker_destroy(breaker);
}

static void a_failed_probe_opens_it_for_longer_each_time(void **state)
{
    (void)state;
    struct test_clock time;
    struct pool_breaker *breaker = make_open(&time);
    static const uint64_t seconds[] = {5, 10, 20, 40, 60, 60};
    for (int i = 0; i < 6; i++) {
        assert_refused(breaker, seconds[i] * POOL_SECOND);
        pass_time(&time, seconds[i] * POOL_SECOND);
        call(breaker, POOL_CALL_GOOD); /* one good one is not enough */
        call(breaker, POOL_CALL_FAILED);
        assert_state(breaker, POOL_BREAKER_OPEN);
    }
    assert_int_equal(pool_breaker_view(breaker).openings, 7);
    pool_breaker_destroy(breaker);
}

static void only_a_calm_time_makes_openings_short_again(void **state)
{
    (void)state;
    struct test_clock time;
    struct pool_breaker *breaker = make_open(&time);
    pass_time(&time, 5 * POOL_SECOND);
    call_times(breaker, 2, POOL_CALL_GOOD); /* closed */
    pass_time(&time, 30 * POOL_SECOND - 1);
    call_times(breaker, 4, POOL_CALL_FAILED);
    assert_refused(breaker, 10 * POOL_SECOND);
    pass_time(&time, 10 * POOL_SECOND);
    call_times(breaker, 2, POOL_CALL_GOOD);
    pass_time(&time, 30 * POOL_SECOND);
    call_times(breaker, 4, POOL_CALL_FAILED);
    assert_refused(breaker, 5 * POOL_SECOND);
    pool_breaker_destroy(breaker);
}

static void answers_from_an_earlier_state_change_nothing(void **state)
{
    (void)state;
    struct test_clock time;
    struct pool_breaker *breaker = make(&time);
    struct pool_breaker_pass hung[4];
    for (int i = 0; i < 4; i++)
        enter(breaker, &hung[i]);
    call_times(breaker, 4, POOL_CALL_FAILED);
    leave(breaker, &hung[0], POOL_CALL_GOOD); /* open: it stays open */
    assert_state(breaker, POOL_BREAKER_OPEN);
    pass_time(&time, 5 * POOL_SECOND);
    leave(breaker, &hung[1], POOL_CALL_FAILED); /* half open: it is no probe */
    assert_state(breaker, POOL_BREAKER_HALF_OPEN);
    call_times(breaker, 2, POOL_CALL_GOOD);
    leave(breaker, &hung[2], POOL_CALL_FAILED); /* closed again: not counted */
    assert_int_equal(pool_breaker_view(breaker).calls, 0);
    assert_int_equal(pool_breaker_view(breaker).late, 3);
    leave(breaker, &hung[3], POOL_CALL_GOOD);
    assert_status(pool_breaker_leave(breaker, &hung[3], POOL_CALL_GOOD), POOL_INVALID); /* once is enough */
    pool_breaker_destroy(breaker);
}

static void a_probe_that_nobody_tells_of_has_failed(void **state)
{
    (void)state;
    struct test_clock time;
    struct pool_breaker *breaker = make_open(&time);
    struct pool_breaker_pass lost;
    pass_time(&time, 5 * POOL_SECOND);
    enter(breaker, &lost);
    call(breaker, POOL_CALL_GOOD);
    pass_time(&time, 3 * POOL_SECOND - 1);
    assert_refused(breaker, 1);
    pass_time(&time, 1);
    assert_refused(breaker, 10 * POOL_SECOND);
    leave(breaker, &lost, POOL_CALL_GOOD);
    assert_state(breaker, POOL_BREAKER_OPEN);
    assert_int_equal(pool_breaker_view(breaker).late, 1);
    pool_breaker_destroy(breaker);
}

static void half_open_without_a_call_stays_half_open(void **state)
{
    (void)state;
    struct test_clock time;
    struct pool_breaker *breaker = make_open(&time);
    pass_time(&time, 5 * POOL_SECOND);
    assert_state(breaker, POOL_BREAKER_HALF_OPEN);
    pass_time(&time, 3600 * POOL_SECOND);
    assert_state(breaker, POOL_BREAKER_HALF_OPEN);
    call_times(breaker, 2, POOL_CALL_GOOD);
    assert_state(breaker, POOL_BREAKER_CLOSED);
    pool_breaker_destroy(breaker);
}

static void it_can_be_tripped_and_reset_by_hand(void **state)
{
    (void)state;
    struct test_clock time;
    struct pool_breaker *breaker = make(&time);
    call_times(breaker, 3, POOL_CALL_FAILED);
    assert_status(pool_breaker_trip(breaker), POOL_OK);
    assert_refused(breaker, 5 * POOL_SECOND);
    assert_status(pool_breaker_trip(breaker), POOL_OK);
    assert_refused(breaker, 10 * POOL_SECOND);
    assert_status(pool_breaker_reset(breaker), POOL_OK);
    call_times(breaker, 3, POOL_CALL_FAILED); /* those of before are forgotten */
    assert_state(breaker, POOL_BREAKER_CLOSED);
    call(breaker, POOL_CALL_FAILED);
    assert_refused(breaker, 5 * POOL_SECOND); /* and so is the growth */
    pool_breaker_destroy(breaker);
}

static void what_is_left_out_has_defaults(void **state)
{
    (void)state;
    struct test_clock time;
    struct pool_breaker *breaker;
    struct pool_breaker_pass probe;
    struct pool_breaker_options options = usual(&time);
    options.calm = options.probe_limit = 0;
    options.window = 5; /* slices of at least a nanosecond */
    assert_status(pool_breaker_create(&breaker, &options), POOL_OK);
    call_times(breaker, 4, POOL_CALL_FAILED);
    pass_time(&time, 5 * POOL_SECOND);
    enter(breaker, &probe);
    pass_time(&time, 5 * POOL_SECOND); /* probe_limit is open_least */
    assert_refused(breaker, 10 * POOL_SECOND);
    pass_time(&time, 10 * POOL_SECOND);
    call_times(breaker, 2, POOL_CALL_GOOD);
    pass_time(&time, 60 * POOL_SECOND - 1); /* calm is open_most */
    call_times(breaker, 4, POOL_CALL_FAILED);
    assert_refused(breaker, 20 * POOL_SECOND);
    pool_breaker_destroy(breaker);
}

/* --- threads and edges ---------------------------------------------------------------------------------- */

static void *call_often(void *arg)
{
    for (int i = 0; i < 500; i++) {
        struct pool_breaker_pass pass;
        if (pool_breaker_enter(arg, &pass) == POOL_OK) {
            sched_yield();
            (void)pool_breaker_leave(arg, &pass, i % 3 ? POOL_CALL_FAILED : POOL_CALL_GOOD);
        }
        (void)pool_breaker_view(arg);
    }
    return NULL;
}

static void many_threads_open_it_once(void **state)
{
    (void)state;
    struct test_clock time;
    struct pool_breaker *breaker = make(&time);
    crew_run(call_often, breaker);
    struct pool_breaker_view view = pool_breaker_view(breaker);
    assert_int_equal(view.openings, 1); /* the clock stands still, so it stays open */
    assert_int_equal(view.passed + view.refused, CREW * 500);
    pool_breaker_destroy(breaker);
}

static void what_cannot_be_is_refused(void **state)
{
    (void)state;
    struct test_clock time;
    struct pool_breaker *breaker;
    struct pool_breaker_pass pass;
    struct pool_breaker_options right = usual(&time), wrong[8];
    for (int i = 0; i < 8; i++)
        wrong[i] = right;
    wrong[0].window = wrong[1].volume = wrong[2].percent = wrong[3].open_least = wrong[4].probes = 0;
    wrong[5].percent = 101;
    wrong[6].open_most = wrong[6].open_least - 1;
    wrong[7].open_most = 0;
    for (int i = 0; i < 8; i++) {
        breaker = (struct pool_breaker *)&time;
        assert_status(pool_breaker_create(&breaker, &wrong[i]), POOL_INVALID);
        assert_null(breaker);
    }
    assert_status(pool_breaker_create(&breaker, NULL), POOL_INVALID);
    assert_status(pool_breaker_create(NULL, &right), POOL_INVALID);
    breaker = make(&time);
    assert_status(pool_breaker_enter(NULL, &pass), POOL_INVALID);
    assert_status(pool_breaker_enter(breaker, NULL), POOL_INVALID);
    enter(breaker, &pass);
    assert_status(pool_breaker_leave(breaker, &pass, (enum pool_call_outcome)3), POOL_INVALID);
    assert_status(pool_breaker_leave(NULL, &pass, POOL_CALL_GOOD), POOL_INVALID);
    assert_status(pool_breaker_leave(breaker, NULL, POOL_CALL_GOOD), POOL_INVALID);
    leave(breaker, &pass, POOL_CALL_GOOD);
    assert_status(pool_breaker_trip(NULL), POOL_INVALID);
    assert_status(pool_breaker_reset(NULL), POOL_INVALID);
    assert_int_equal(pool_breaker_view(NULL).state, POOL_BREAKER_CLOSED);
    pool_breaker_destroy(breaker);
    pool_breaker_destroy(NULL);
}

static enum pool_status create_one(void **made)
{
    struct pool_breaker_options options = {
        .window = 1, .volume = 1, .percent = 1, .open_least = 1, .open_most = 1, .probes = 1};
    return pool_breaker_create((struct pool_breaker **)made, &options);
}

static void destroy_one(void *made)
{
    pool_breaker_destroy(made);
}

static void memory_runs_out(void **state)
{
    (void)state;
    assert_survives_hunger(create_one, destroy_one);
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        CASE(few_calls_never_open_it),
        CASE(the_rate_decides_and_only_within_the_window),
        CASE(old_slices_fall_out_one_by_one),
        CASE(open_it_refuses_until_its_time_is_over),
        CASE(half_open_it_lets_only_its_probes_through),
        CASE(a_failed_probe_opens_it_for_longer_each_time),
        CASE(only_a_calm_time_makes_openings_short_again),
        CASE(answers_from_an_earlier_state_change_nothing),
        CASE(a_probe_that_nobody_tells_of_has_failed),
        CASE(half_open_without_a_call_stays_half_open),
        CASE(it_can_be_tripped_and_reset_by_hand),
        CASE(what_is_left_out_has_defaults),
        CASE(many_threads_open_it_once),
        CASE(what_cannot_be_is_refused),
        CASE(memory_runs_out),
    };
    return cmocka_run_group_tests_name("protection: breaker", cases, NULL, NULL);
}
