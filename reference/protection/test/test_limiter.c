/* test_limiter.c - permits, the line of those who wait, edges. The rules are in test_limit_rule.c. */
/* link: -Wl,--wrap=malloc,--wrap=calloc,--wrap=free */
#include "limiter.h"
#include "starve.h"

static struct pool_limiter *make_fixed(unsigned limit)
{
    struct pool_limiter *limiter;
    struct pool_limiter_options options = {.rule = POOL_LIMITER_FIXED, .start = limit};
    assert_status(pool_limiter_create(&limiter, &options), POOL_OK);
    return limiter;
}

static void take(struct pool_limiter *limiter, struct pool_limiter_permit *permit)
{
    assert_status(pool_limiter_try(limiter, permit), POOL_OK);
}

static void give(struct pool_limiter *limiter, struct pool_limiter_permit *permit)
{
    assert_status(pool_limiter_done(limiter, permit, POOL_CALL_GOOD), POOL_OK);
}

static void it_begins_as_many_as_the_limit(void **state)
{
    (void)state;
    struct pool_limiter *limiter = make_fixed(2);
    struct pool_limiter_permit a, b, c;
    take(limiter, &a);
    take(limiter, &b);
    assert_status(pool_limiter_try(limiter, &c), POOL_REJECTED);
    assert_status(pool_limiter_done(limiter, &c, POOL_CALL_GOOD), POOL_INVALID);
    give(limiter, &a);
    assert_status(pool_limiter_done(limiter, &a, POOL_CALL_GOOD), POOL_INVALID); /* once is enough */
    take(limiter, &c);
    assert_status(pool_limiter_done(limiter, &b, POOL_CALL_FAILED), POOL_OK);
    assert_status(pool_limiter_done(limiter, &c, POOL_CALL_IGNORED), POOL_OK);
    struct pool_limiter_counts counts = pool_limiter_counts(limiter);
    assert_int_equal(counts.begun, 3);
    assert_int_equal(counts.good, 1);
    assert_int_equal(counts.failed, 1);
    assert_int_equal(counts.ignored, 1);
    assert_int_equal(counts.refused, 1);
    assert_int_equal(counts.peak, 2);
    assert_int_equal(counts.in_flight, 0);
    assert_int_equal(counts.limit, 2); /* a failure does not move a fixed one */
    pool_limiter_destroy(limiter);
}

/* --- waiting ------------------------------------------------------------------------------------------ */

struct guest {
    struct pool_limiter *limiter;
    struct pool_limiter_permit permit;
    pthread_t thread;
    enum pool_status status;
    atomic_int *arrivals;
    int rank; /* the how many-th to be served */
};

static void *guest_main(void *arg)
{
    struct guest *guest = arg;
    struct timespec deadline = far_away();
    guest->status = pool_limiter_wait(guest->limiter, &guest->permit, &deadline);
    guest->rank = atomic_fetch_add(guest->arrivals, 1);
    if (guest->status == POOL_OK)
        (void)pool_limiter_done(guest->limiter, &guest->permit, POOL_CALL_GOOD);
    return NULL;
}

/* A guest in the line behind so many others. */
static void seat_one(struct guest *guest, unsigned others, struct pool_limiter *limiter, atomic_int *arrivals)
{
    *guest = (struct guest){.limiter = limiter, .arrivals = arrivals};
    assert_int_equal(pthread_create(&guest->thread, NULL, guest_main, guest), 0);
    while (pool_limiter_counts(limiter).waiting <= others)
        sched_yield();
}

static void seat(struct guest *guests, unsigned count, struct pool_limiter *limiter, atomic_int *arrivals)
{
    for (unsigned i = 0; i < count; i++)
        seat_one(&guests[i], i, limiter, arrivals);
}

static void those_who_wait_are_served_in_order_and_before_who_tries(void **state)
{
    (void)state;
    struct pool_limiter *limiter = make_fixed(1);
    struct pool_limiter_permit mine, other;
    struct guest guests[3];
    atomic_int arrivals = 0;
    take(limiter, &mine);
    seat(guests, 3, limiter, &arrivals);
    assert_status(pool_limiter_set(limiter, 1), POOL_OK); /* serves nobody */
    assert_int_equal(pool_limiter_counts(limiter).waiting, 3);
    give(limiter, &mine);
    for (int i = 0; i < 3; i++) {
        pthread_join(guests[i].thread, NULL);
        assert_status(guests[i].status, POOL_OK);
        assert_int_equal(guests[i].rank, i);
    }
    take(limiter, &other);
    give(limiter, &other);
    assert_int_equal(pool_limiter_counts(limiter).peak, 1);
    pool_limiter_destroy(limiter);
}

static void nobody_who_tries_passes_the_line(void **state)
{
    (void)state;
    struct pool_limiter *limiter = make_fixed(1);
    struct pool_limiter_permit mine, other;
    struct guest guest;
    atomic_int arrivals = 0;
    take(limiter, &mine);
    seat(&guest, 1, limiter, &arrivals);
    assert_status(pool_limiter_try(limiter, &other), POOL_REJECTED);
    give(limiter, &mine);
    pthread_join(guest.thread, NULL);
    assert_status(guest.status, POOL_OK);
    pool_limiter_destroy(limiter);
}

static void a_higher_limit_lets_those_in_who_wait(void **state)
{
    (void)state;
    struct pool_limiter *limiter = make_fixed(1);
    struct pool_limiter_permit mine, other;
    struct guest guests[3];
    atomic_int arrivals = 0;
    take(limiter, &mine);
    seat(guests, 3, limiter, &arrivals);
    assert_status(pool_limiter_set(limiter, 4), POOL_OK);
    for (int i = 0; i < 3; i++)
        pthread_join(guests[i].thread, NULL);
    assert_int_equal(arrivals, 3);
    take(limiter, &other);
    assert_status(pool_limiter_set(limiter, 1), POOL_OK); /* interrupts none, and lets none in */
    give(limiter, &other);
    assert_status(pool_limiter_try(limiter, &other), POOL_REJECTED);
    give(limiter, &mine);
    take(limiter, &other);
    give(limiter, &other);
    pool_limiter_destroy(limiter);
}

static void a_stop_sends_away_who_waits(void **state)
{
    (void)state;
    struct pool_limiter *limiter = make_fixed(1);
    struct pool_limiter_permit mine, other;
    struct guest guests[2];
    struct timespec past = long_ago();
    atomic_int arrivals = 0;
    take(limiter, &mine);
    seat(guests, 2, limiter, &arrivals);
    assert_status(pool_limiter_stop(limiter), POOL_OK);
    assert_status(pool_limiter_stop(limiter), POOL_OK);
    for (int i = 0; i < 2; i++) {
        pthread_join(guests[i].thread, NULL);
        assert_status(guests[i].status, POOL_STOPPED);
    }
    assert_status(pool_limiter_try(limiter, &other), POOL_STOPPED);
    assert_status(pool_limiter_wait(limiter, &other, &past), POOL_STOPPED);
    give(limiter, &mine); /* what runs may end */
    pool_limiter_destroy(limiter);
}

static void a_wait_ends_at_its_deadline(void **state)
{
    (void)state;
    struct pool_limiter *limiter = make_fixed(1);
    struct pool_limiter_permit mine, other;
    struct timespec past = long_ago();
    struct guest guests[3];
    atomic_int arrivals = 0;
    assert_status(pool_limiter_wait(limiter, &mine, &past), POOL_OK); /* the past still tries */
    assert_status(pool_limiter_wait(limiter, &other, &past), POOL_TIMED_OUT);
    assert_int_equal(pool_limiter_counts(limiter).waiting, 0);
    seat(guests, 2, limiter, &arrivals);
    assert_status(pool_limiter_wait(limiter, &other, &past),
                  POOL_TIMED_OUT); /* leaves the line's end whole: */
    seat_one(&guests[2], 2, limiter, &arrivals);
    give(limiter, &mine);
    for (int i = 0; i < 3; i++) {
        pthread_join(guests[i].thread, NULL);
        assert_status(guests[i].status, POOL_OK);
    }
    pool_limiter_destroy(limiter);
}

static void *call_often(void *arg)
{
    struct pool_limiter *limiter = arg;
    struct timespec deadline = far_away();
    for (int i = 0; i < 300; i++) {
        struct pool_limiter_permit permit;
        enum pool_status status =
            i % 2 ? pool_limiter_try(limiter, &permit) : pool_limiter_wait(limiter, &permit, &deadline);
        if (status == POOL_OK)
            (void)pool_limiter_done(limiter, &permit, POOL_CALL_GOOD);
    }
    return NULL;
}

static void many_threads_never_exceed_the_limit(void **state)
{
    (void)state;
    struct pool_limiter *limiter = make_fixed(2);
    crew_run(call_often, limiter);
    struct pool_limiter_counts counts = pool_limiter_counts(limiter);
    assert_in_range(counts.peak, 1, 2);
    assert_int_equal(counts.begun, counts.good);
    assert_int_equal(counts.begun + counts.refused, CREW * 300);
    assert_true(counts.begun >= CREW * 150); /* no wait was in vain */
    pool_limiter_destroy(limiter);
}

/* --- edges -------------------------------------------------------------------------------------------- */

static void what_cannot_be_is_refused(void **state)
{
    (void)state;
    struct pool_limiter *limiter;
    struct pool_limiter_permit permit;
    struct timespec deadline = far_away(), wrong_time = {.tv_nsec = -1};
    static const struct pool_limiter_options wrong[] = {
        {.rule = POOL_LIMITER_FIXED},
        {.rule = POOL_LIMITER_FIXED, .start = POOL_LIMITER_MOST + 1},
        {.rule = (enum pool_limiter_rule)4, .start = 1, .floor = 1, .ceiling = 1, .window = 1, .slow = 1},
        {.rule = POOL_LIMITER_AIMD, .start = 1, .floor = 1, .ceiling = 1, .window = 1},
        {.rule = POOL_LIMITER_VEGAS, .start = 1, .ceiling = 1, .window = 1},
        {.rule = POOL_LIMITER_VEGAS, .start = 1, .floor = 2, .ceiling = 2, .window = 1},
        {.rule = POOL_LIMITER_VEGAS, .start = 2, .floor = 1, .ceiling = 1, .window = 1},
        {.rule = POOL_LIMITER_VEGAS, .start = 1, .floor = 1, .ceiling = POOL_LIMITER_MOST + 1, .window = 1},
        {.rule = POOL_LIMITER_GRADIENT, .start = 1, .floor = 1, .ceiling = 1},
    };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        limiter = (struct pool_limiter *)&permit;
        assert_status(pool_limiter_create(&limiter, &wrong[i]), POOL_INVALID);
        assert_null(limiter);
    }
    assert_status(pool_limiter_create(&limiter, NULL), POOL_INVALID);
    assert_status(pool_limiter_create(NULL, &wrong[0]), POOL_INVALID);
    limiter = make_fixed(1);
    assert_status(pool_limiter_try(NULL, &permit), POOL_INVALID);
    assert_status(pool_limiter_try(limiter, NULL), POOL_INVALID);
    assert_status(pool_limiter_wait(NULL, &permit, &deadline), POOL_INVALID);
    assert_status(pool_limiter_wait(limiter, NULL, &deadline), POOL_INVALID);
    assert_status(pool_limiter_wait(limiter, &permit, NULL), POOL_INVALID);
    assert_status(pool_limiter_wait(limiter, &permit, &wrong_time), POOL_INVALID);
    take(limiter, &permit);
    assert_status(pool_limiter_done(limiter, &permit, (enum pool_call_outcome)3), POOL_INVALID);
    assert_status(pool_limiter_done(NULL, &permit, POOL_CALL_GOOD), POOL_INVALID);
    assert_status(pool_limiter_done(limiter, NULL, POOL_CALL_GOOD), POOL_INVALID);
    give(limiter, &permit);
    assert_status(pool_limiter_set(limiter, 0), POOL_INVALID);
    assert_status(pool_limiter_set(limiter, POOL_LIMITER_MOST + 1), POOL_INVALID);
    assert_status(pool_limiter_set(NULL, 1), POOL_INVALID);
    assert_status(pool_limiter_stop(NULL), POOL_INVALID);
    assert_int_equal(pool_limiter_counts(NULL).limit, 0);
    pool_limiter_destroy(limiter);
    pool_limiter_destroy(NULL);
}

static enum pool_status create_one(void **made)
{
    struct pool_limiter_options options = {.rule = POOL_LIMITER_FIXED, .start = 1};
    return pool_limiter_create((struct pool_limiter **)made, &options);
}

static void destroy_one(void *made)
{
    pool_limiter_destroy(made);
}

static void memory_runs_out(void **state)
{
    (void)state;
    assert_survives_hunger(create_one, destroy_one);
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        CASE(it_begins_as_many_as_the_limit),
        CASE(those_who_wait_are_served_in_order_and_before_who_tries),
        CASE(nobody_who_tries_passes_the_line),
        CASE(a_higher_limit_lets_those_in_who_wait),
        CASE(a_stop_sends_away_who_waits),
        CASE(a_wait_ends_at_its_deadline),
        CASE(many_threads_never_exceed_the_limit),
        CASE(what_cannot_be_is_refused),
        CASE(memory_runs_out),
    };
    return cmocka_run_group_tests_name("protection: limiter", cases, NULL, NULL);
}
