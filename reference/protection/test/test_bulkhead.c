/* test_bulkhead.c - own places, borrowed places, the total; who waits, and who is served next. */
/* link: -Wl,--wrap=malloc,--wrap=calloc,--wrap=free */
#include "bulkhead.h"
#include "starve.h"

static const struct pool_compartment_options usual[] = {
    {.name = "read", .reserved = 2, .limit = 5, .waiting = 3},
    {.name = "write", .reserved = 1, .limit = 4, .waiting = 2},
    {.name = "spare", .reserved = 0, .limit = 1, .waiting = 0},
};

/* A total of 6: 3 are reserved, 3 can be borrowed. */
struct ship {
    struct pool_bulkhead *all;
    struct pool_compartment *read, *write, *spare;
};

static struct ship make(void)
{
    struct ship ship;
    struct pool_bulkhead_options options = {.total = 6, .kinds = usual, .count = 3};
    assert_status(pool_bulkhead_create(&ship.all, &options), POOL_OK);
    ship.read = pool_bulkhead_find(ship.all, "read");
    ship.write = pool_bulkhead_find(ship.all, "write");
    ship.spare = pool_bulkhead_find(ship.all, "spare");
    assert_non_null(ship.read);
    assert_non_null(ship.write);
    assert_non_null(ship.spare);
    assert_null(pool_bulkhead_find(ship.all, "rea"));
    return ship;
}

static int fill(struct pool_compartment *compartment)
{
    int entered = 0;
    while (pool_bulkhead_try(compartment) == POOL_OK)
        entered++;
    return entered;
}

static void leave(struct pool_compartment *compartment, int times)
{
    for (int i = 0; i < times; i++)
        assert_status(pool_bulkhead_leave(compartment), POOL_OK);
}

static void a_flood_in_one_leaves_the_others_their_own(void **state)
{
    (void)state;
    struct ship ship = make();
    assert_int_equal(fill(ship.read), 5); /* 2 of its own, 3 borrowed */
    assert_int_equal(pool_compartment_counts(ship.read).borrowed, 3);
    assert_status(pool_bulkhead_try(ship.spare), POOL_REJECTED); /* nothing is left to borrow */
    assert_int_equal(fill(ship.write), 1);                       /* but its own place is there */
    struct pool_bulkhead_counts all = pool_bulkhead_counts(ship.all);
    assert_int_equal(all.inside, 6);
    assert_int_equal(all.peak, 6);
    assert_int_equal(all.borrowed, 3);
    assert_int_equal(all.entered, 6);
    assert_int_equal(all.refused, 3);
    leave(ship.read, 1); /* a borrowed one comes back first */
    assert_status(pool_bulkhead_try(ship.spare), POOL_OK);
    assert_status(pool_bulkhead_try(ship.write), POOL_REJECTED);
    leave(ship.read, 2);
    assert_int_equal(fill(ship.write), 2);
    leave(ship.read, 2); /* its own: nobody else's */
    assert_status(pool_bulkhead_try(ship.write), POOL_REJECTED);
    assert_int_equal(pool_bulkhead_counts(ship.all).inside, 4);
    pool_bulkhead_destroy(ship.all);
}

static void solid_walls_never_borrow(void **state)
{
    (void)state;
    static const struct pool_compartment_options kinds[] = {{.name = "a", .reserved = 2, .limit = 2},
                                                            {.name = "b", .reserved = 3, .limit = 3}};
    struct pool_bulkhead *bulkhead;
    struct pool_bulkhead_options options = {.total = 5, .kinds = kinds, .count = 2};
    assert_status(pool_bulkhead_create(&bulkhead, &options), POOL_OK);
    assert_int_equal(fill(pool_bulkhead_find(bulkhead, "a")), 2);
    assert_int_equal(fill(pool_bulkhead_find(bulkhead, "b")), 3);
    assert_int_equal(pool_bulkhead_counts(bulkhead).borrowed, 0);
    pool_bulkhead_destroy(bulkhead);
}

static void nobody_leaves_who_is_not_inside(void **state)
{
    (void)state;
    struct ship ship = make();
    assert_status(pool_bulkhead_try(ship.read), POOL_OK);
    assert_status(pool_bulkhead_leave(ship.write), POOL_INVALID);
    leave(ship.read, 1);
    assert_status(pool_bulkhead_leave(ship.read), POOL_INVALID);
    assert_int_equal(pool_bulkhead_counts(ship.all).inside, 0);
    pool_bulkhead_destroy(ship.all);
}

/* --- waiting ------------------------------------------------------------------------------------------ */

struct guest {
    struct pool_compartment *compartment;
    pthread_t thread;
    enum pool_status status;
    atomic_int *arrivals;
    int rank;
};

static void *guest_main(void *arg)
{
    struct guest *guest = arg;
    struct timespec deadline = far_away();
    guest->status = pool_bulkhead_enter(guest->compartment, &deadline);
    guest->rank = atomic_fetch_add(guest->arrivals, 1);
    return NULL;
}

static void seat(struct guest *guest, struct pool_compartment *compartment, atomic_int *arrivals)
{
    unsigned before = pool_compartment_counts(compartment).waiting;
    *guest = (struct guest){.compartment = compartment, .arrivals = arrivals};
    assert_int_equal(pthread_create(&guest->thread, NULL, guest_main, guest), 0);
    while (pool_compartment_counts(compartment).waiting == before)
        sched_yield();
}

static void assert_served(struct guest *guest, int rank)
{
    pthread_join(guest->thread, NULL);
    assert_status(guest->status, POOL_OK);
    assert_int_equal(guest->rank, rank);
}

static void a_borrowed_place_goes_round_among_the_lines(void **state)
{
    (void)state;
    struct ship ship = make();
    struct guest readers[2], writers[2];
    atomic_int arrivals = 0;
    fill(ship.read);
    fill(ship.write);
    seat(&readers[0], ship.read, &arrivals);
    seat(&readers[1], ship.read, &arrivals);
    seat(&writers[0], ship.write, &arrivals);
    seat(&writers[1], ship.write, &arrivals);
    assert_int_equal(pool_bulkhead_counts(ship.all).waiting, 4);
    assert_status(pool_bulkhead_try(ship.read), POOL_REJECTED);
    leave(ship.read, 1);
    assert_served(&readers[0], 0);
    leave(ship.read, 1);
    assert_served(&writers[0], 1);
    leave(ship.read, 1);
    assert_served(&readers[1], 2);
    assert_int_equal(pool_bulkhead_counts(ship.all).waiting, 1);
    leave(ship.read, 1);
    assert_served(&writers[1], 3);
    assert_int_equal(pool_bulkhead_counts(ship.all).inside, 6);
    assert_int_equal(pool_bulkhead_counts(ship.all).peak, 6);
    pool_bulkhead_destroy(ship.all);
}

static void an_own_place_goes_to_its_own_line(void **state)
{
    (void)state;
    struct ship ship = make();
    struct guest reader, writer;
    atomic_int arrivals = 0;
    fill(ship.read);
    fill(ship.write);
    seat(&reader, ship.read, &arrivals);
    seat(&writer, ship.write, &arrivals);
    leave(ship.write, 1); /* the reader is first in turn, and cannot use it */
    assert_served(&writer, 0);
    leave(ship.read, 1);
    assert_served(&reader, 1);
    pool_bulkhead_destroy(ship.all);
}

static void no_more_wait_than_may(void **state)
{
    (void)state;
    struct ship ship = make();
    struct guest writers[2];
    struct timespec deadline = far_away(), past = long_ago();
    atomic_int arrivals = 0;
    assert_status(pool_bulkhead_enter(ship.spare, &past), POOL_OK); /* the past still tries */
    assert_status(pool_bulkhead_enter(ship.spare, &deadline), POOL_REJECTED);
    fill(ship.write);
    assert_status(pool_bulkhead_enter(ship.write, &past), POOL_TIMED_OUT);
    seat(&writers[0], ship.write, &arrivals);
    seat(&writers[1], ship.write, &arrivals);
    assert_status(pool_bulkhead_enter(ship.write, &deadline), POOL_REJECTED);
    assert_status(pool_bulkhead_stop(ship.all), POOL_OK);
    assert_status(pool_bulkhead_stop(ship.all), POOL_OK);
    for (int i = 0; i < 2; i++) {
        pthread_join(writers[i].thread, NULL);
        assert_status(writers[i].status, POOL_STOPPED);
    }
    assert_status(pool_bulkhead_try(ship.read), POOL_STOPPED);
    assert_status(pool_bulkhead_enter(ship.read, &deadline), POOL_STOPPED);
    leave(ship.write, 1); /* who is inside may leave */
    pool_bulkhead_destroy(ship.all);
}

static void *come_and_go(void *arg)
{
    struct ship *ship = arg;
    struct timespec deadline = far_away();
    for (int i = 0; i < 400; i++) {
        struct pool_compartment *compartment = i % 3 == 0   ? ship->write
                                               : i % 3 == 1 ? ship->spare
                                                            : ship->read;
        enum pool_status status =
            i % 2 ? pool_bulkhead_try(compartment) : pool_bulkhead_enter(compartment, &deadline);
        if (status == POOL_OK)
            (void)pool_bulkhead_leave(compartment);
    }
    return NULL;
}

static void many_threads_never_exceed_total_or_limit(void **state)
{
    (void)state;
    static const struct pool_compartment_options kinds[] = {
        {.name = "read", .reserved = 0, .limit = 2, .waiting = 9},
        {.name = "write", .reserved = 1, .limit = 2, .waiting = 9},
        {.name = "spare", .reserved = 0, .limit = 1, .waiting = 9}};
    struct ship ship;
    struct pool_bulkhead_options options = {.total = 2, .kinds = kinds, .count = 3};
    assert_status(pool_bulkhead_create(&ship.all, &options), POOL_OK);
    ship.read = pool_bulkhead_find(ship.all, "read");
    ship.write = pool_bulkhead_find(ship.all, "write");
    ship.spare = pool_bulkhead_find(ship.all, "spare");
    crew_run(come_and_go, &ship);
    struct pool_bulkhead_counts all = pool_bulkhead_counts(ship.all);
    assert_in_range(all.peak, 1, 2);
    assert_in_range(pool_compartment_counts(ship.spare).peak, 1, 1);
    assert_in_range(pool_compartment_counts(ship.read).peak, 1, 1);
    assert_int_equal(all.inside + all.borrowed + all.waiting, 0);
    assert_int_equal(all.entered + all.refused, CREW * 400);
    assert_true(all.entered >= CREW * 200); /* no wait was in vain */
    pool_bulkhead_destroy(ship.all);
}

/* --- edges -------------------------------------------------------------------------------------------- */

static void what_cannot_be_is_refused(void **state)
{
    (void)state;
    struct pool_bulkhead *bulkhead;
    struct timespec deadline = far_away(), wrong_time = {.tv_nsec = -1};
    static const struct pool_compartment_options wrong[][2] = {
        {{.name = "a", .limit = 1}, {.name = "a", .limit = 1}},
        {{.name = "a", .limit = 1}, {.name = "", .limit = 1}},
        {{.name = "a", .limit = 1}, {.name = NULL, .limit = 1}},
        {{.name = "a", .limit = 1}, {.name = "b", .limit = 0}},
        {{.name = "a", .limit = 1}, {.name = "b", .limit = 7}},
        {{.name = "a", .limit = 1}, {.name = "b", .limit = 2, .reserved = 3}},
        {{.name = "a", .limit = 4, .reserved = 4}, {.name = "b", .limit = 3, .reserved = 3}},
    };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        struct pool_bulkhead_options options = {.total = 6, .kinds = wrong[i], .count = 2};
        bulkhead = (struct pool_bulkhead *)state;
        assert_status(pool_bulkhead_create(&bulkhead, &options), POOL_INVALID);
        assert_null(bulkhead);
    }
    const struct pool_bulkhead_options none[] = {
        {.total = 0, .kinds = usual, .count = 1},
        {.total = POOL_BULKHEAD_MOST + 1, .kinds = usual, .count = 1},
        {.total = 6, .kinds = NULL, .count = 1},
        {.total = 6, .kinds = usual, .count = 0},
        {.total = 6, .kinds = usual, .count = POOL_BULKHEAD_MOST_KINDS + 1},
    };
    for (size_t i = 0; i < sizeof none / sizeof *none; i++)
        assert_status(pool_bulkhead_create(&bulkhead, &none[i]), POOL_INVALID);
    assert_status(pool_bulkhead_create(&bulkhead, NULL), POOL_INVALID);
    assert_status(pool_bulkhead_create(NULL, &none[0]), POOL_INVALID);
    struct ship ship = make();
    assert_null(pool_bulkhead_find(NULL, "read"));
    assert_null(pool_bulkhead_find(ship.all, NULL));
    assert_status(pool_bulkhead_try(NULL), POOL_INVALID);
    assert_status(pool_bulkhead_enter(NULL, &deadline), POOL_INVALID);
    assert_status(pool_bulkhead_enter(ship.read, NULL), POOL_INVALID);
    assert_status(pool_bulkhead_enter(ship.read, &wrong_time), POOL_INVALID);
    assert_status(pool_bulkhead_leave(NULL), POOL_INVALID);
    assert_status(pool_bulkhead_stop(NULL), POOL_INVALID);
    assert_int_equal(pool_bulkhead_counts(NULL).entered, 0);
    assert_int_equal(pool_compartment_counts(NULL).entered, 0);
    pool_bulkhead_destroy(ship.all);
    pool_bulkhead_destroy(NULL);
}

static enum pool_status create_one(void **made)
{
    struct pool_bulkhead_options options = {.total = 6, .kinds = usual, .count = 3};
    return pool_bulkhead_create((struct pool_bulkhead **)made, &options);
}

static void destroy_one(void *made)
{
    pool_bulkhead_destroy(made);
}

static void memory_runs_out(void **state)
{
    (void)state;
    assert_survives_hunger(create_one, destroy_one);
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        CASE(a_flood_in_one_leaves_the_others_their_own),
        CASE(solid_walls_never_borrow),
        CASE(nobody_leaves_who_is_not_inside),
        CASE(a_borrowed_place_goes_round_among_the_lines),
        CASE(an_own_place_goes_to_its_own_line),
        CASE(no_more_wait_than_may),
        CASE(many_threads_never_exceed_total_or_limit),
        CASE(what_cannot_be_is_refused),
        CASE(memory_runs_out),
    };
    return cmocka_run_group_tests_name("protection: bulkhead", cases, NULL, NULL);
}
