/* test_semaphore.c - the weighted semaphore: order, weights, giving up, closing. */
/* link: -Wl,--wrap=pthread_cond_timedwait */
#include "pool_semaphore.h"
#include "timeout_test.h"

enum { SIZE = 10 };

static struct pool_semaphore *semaphore_make(void)
{
    struct pool_semaphore *semaphore;
    assert_int_equal(pool_semaphore_create(&semaphore, SIZE), POOL_OK);
    return semaphore;
}

/* An acquire in a thread of its own. */
struct taker {
    struct call call;
    struct pool_semaphore *semaphore;
    size_t weight;
    const struct timespec *deadline; /* NULL: none */
};

static enum pool_status taker_take(void *arg)
{
    struct taker *taker = arg;
    return taker->deadline ? pool_semaphore_acquire_until(taker->semaphore, taker->weight, taker->deadline)
                           : pool_semaphore_acquire(taker->semaphore, taker->weight);
}

static void taker_start(struct taker *taker, struct pool_semaphore *semaphore, size_t weight)
{
    size_t waiting = pool_semaphore_counts(semaphore).waiting;
    *taker = (struct taker){.semaphore = semaphore, .weight = weight, .deadline = taker->deadline};
    call_start(&taker->call, taker_take, taker);
    AWAIT(taker->call.returned || pool_semaphore_counts(semaphore).waiting == waiting + 1);
}

static void wrong_arguments_are_refused(void **state)
{
    (void)state;
    struct pool_semaphore *semaphore = (struct pool_semaphore *)state;
    struct timespec past = in_the_past();
    assert_int_equal(pool_semaphore_create(NULL, 1), POOL_INVALID);
    assert_int_equal(pool_semaphore_create(&semaphore, 0), POOL_INVALID);
    assert_null(semaphore);
    assert_int_equal(pool_semaphore_create(&semaphore, (size_t)-5), POOL_INVALID);
    assert_int_equal(pool_semaphore_create(&semaphore, POOL_SEMAPHORE_MAX), POOL_OK);
    assert_int_equal(pool_semaphore_try(semaphore, POOL_SEMAPHORE_MAX), POOL_OK);
    pool_semaphore_destroy(semaphore);

    semaphore = semaphore_make();
    const size_t wrong[] = {0, SIZE + 1, SIZE_MAX, (size_t)-5};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        assert_int_equal(pool_semaphore_acquire(semaphore, wrong[i]), POOL_INVALID);
        assert_int_equal(pool_semaphore_acquire_until(semaphore, wrong[i], &past), POOL_INVALID);
        assert_int_equal(pool_semaphore_try(semaphore, wrong[i]), POOL_INVALID);
        assert_int_equal(pool_semaphore_release(semaphore, wrong[i]), POOL_INVALID);
    }
    assert_int_equal(pool_semaphore_acquire_until(semaphore, 1, NULL), POOL_INVALID);
    assert_int_equal(pool_semaphore_acquire_until(semaphore, 1, &no_deadline), POOL_INVALID);
    assert_int_equal(pool_semaphore_acquire(NULL, 1), POOL_INVALID);
    assert_int_equal(pool_semaphore_try(NULL, 1), POOL_INVALID);
    assert_int_equal(pool_semaphore_release(NULL, 1), POOL_INVALID);
    assert_int_equal(pool_semaphore_close(NULL), POOL_INVALID);
    assert_int_equal(pool_semaphore_counts(NULL).size, 0);
    assert_int_equal(pool_semaphore_counts(semaphore).held, 0);
    pool_semaphore_destroy(semaphore);
    pool_semaphore_destroy(NULL);
}

static void weights_add_up_to_the_size(void **state)
{
    (void)state;
    struct pool_semaphore *semaphore = semaphore_make();
    assert_int_equal(pool_semaphore_acquire(semaphore, 6), POOL_OK);
    assert_int_equal(pool_semaphore_try(semaphore, 5), POOL_REJECTED);
    assert_int_equal(pool_semaphore_try(semaphore, 4), POOL_OK);
    assert_int_equal(pool_semaphore_try(semaphore, 1), POOL_REJECTED);
    assert_int_equal(pool_semaphore_release(semaphore, 3), POOL_OK); /* in any portions */
    assert_int_equal(pool_semaphore_release(semaphore, 7), POOL_OK);
    struct pool_semaphore_counts counts = pool_semaphore_counts(semaphore);
    assert_true(counts.size == SIZE && counts.held == 0 && counts.acquired == 2 && counts.rejected == 2);
    assert_int_equal(pool_semaphore_acquire(semaphore, SIZE), POOL_OK);
    pool_semaphore_destroy(semaphore); /* with all of it held */
}

static void nobody_mints_permits(void **state)
{
    (void)state;
    struct pool_semaphore *semaphore = semaphore_make();
    assert_int_equal(pool_semaphore_release(semaphore, 1), POOL_INVALID);
    assert_int_equal(pool_semaphore_try(semaphore, 3), POOL_OK);
    assert_int_equal(pool_semaphore_release(semaphore, 4), POOL_INVALID);
    assert_int_equal(pool_semaphore_counts(semaphore).held, 3);
    pool_semaphore_destroy(semaphore);
}

/* With 5 of 10 free and an 8 waiting, a 1 that would fit has to wait its turn. */
static void nobody_overtakes(void **state)
{
    (void)state;
    struct pool_semaphore *semaphore = semaphore_make();
    struct taker large = {0}, small = {0};
    assert_int_equal(pool_semaphore_acquire(semaphore, 5), POOL_OK);
    taker_start(&large, semaphore, 8);
    taker_start(&small, semaphore, 1);
    assert_int_equal(pool_semaphore_try(semaphore, 1), POOL_REJECTED);
    assert_int_equal(pool_semaphore_counts(semaphore).wanted, 9);
    assert_false(small.call.returned);

    assert_int_equal(pool_semaphore_release(semaphore, 2),
                     POOL_OK); /* 7 free: still not enough for the head */
    assert_int_equal(pool_semaphore_counts(semaphore).waiting, 2);
    assert_int_equal(pool_semaphore_release(semaphore, 3), POOL_OK); /* room for both, handed over at once */
    assert_int_equal(pool_semaphore_counts(semaphore).held, 9);
    assert_int_equal(pool_semaphore_counts(semaphore).waiting, 0);
    assert_int_equal(call_join(&large.call), POOL_OK);
    assert_int_equal(call_join(&small.call), POOL_OK);
    pool_semaphore_destroy(semaphore);
}

static void room_is_handed_over_in_order(void **state)
{
    (void)state;
    enum { TAKERS = 5 };
    struct pool_semaphore *semaphore = semaphore_make();
    struct taker takers[TAKERS] = {0};
    assert_int_equal(pool_semaphore_acquire(semaphore, SIZE), POOL_OK);
    for (int i = 0; i < TAKERS; i++)
        taker_start(&takers[i], semaphore, 7);
    for (int i = 0; i < TAKERS; i++) {
        assert_int_equal(pool_semaphore_release(semaphore, i == 0 ? SIZE : 7), POOL_OK);
        assert_int_equal(call_join(&takers[i].call), POOL_OK);
        assert_int_equal(pool_semaphore_counts(semaphore).waiting, TAKERS - 1 - i);
        assert_int_equal(pool_semaphore_counts(semaphore).held, 7);
    }
    pool_semaphore_destroy(semaphore);
}

static void a_deadline_in_the_past_still_tries(void **state)
{
    (void)state;
    struct pool_semaphore *semaphore = semaphore_make();
    struct timespec past = in_the_past();
    assert_int_equal(pool_semaphore_acquire_until(semaphore, SIZE, &past), POOL_OK);
    assert_int_equal(pool_semaphore_acquire_until(semaphore, 1, &past), POOL_TIMED_OUT);
    struct pool_semaphore_counts counts = pool_semaphore_counts(semaphore);
    assert_true(counts.held == SIZE && counts.waiting == 0 && counts.wanted == 0 && counts.timed_out == 1);
    pool_semaphore_destroy(semaphore);
}

static void a_far_deadline_waits(void **state)
{
    (void)state;
    struct pool_semaphore *semaphore = semaphore_make();
    struct timespec later = far_away();
    struct taker taker = {.deadline = &later};
    assert_int_equal(pool_semaphore_acquire(semaphore, SIZE), POOL_OK);
    taker_start(&taker, semaphore, 2);
    assert_int_equal(pool_semaphore_release(semaphore, 2), POOL_OK);
    assert_int_equal(call_join(&taker.call), POOL_OK);
    pool_semaphore_destroy(semaphore);
}

/* The head gives up: those behind that fit go on at once, without any release. */
static void who_gives_up_leaves_no_debt(void **state)
{
    (void)state;
    struct pool_semaphore *semaphore = semaphore_make();
    struct taker head = {.deadline = &at_the_gate}, behind[2] = {0};
    gate_init(&timeout_gate);
    assert_int_equal(pool_semaphore_acquire(semaphore, 6), POOL_OK);
    taker_start(&head, semaphore, 8);
    gate_await(&timeout_gate);
    for (int i = 0; i < 2; i++)
        taker_start(&behind[i], semaphore, 2);
    assert_int_equal(pool_semaphore_counts(semaphore).waiting, 3);
    gate_open(&timeout_gate);
    assert_int_equal(call_join(&head.call), POOL_TIMED_OUT);
    for (int i = 0; i < 2; i++)
        assert_int_equal(call_join(&behind[i].call), POOL_OK);
    assert_int_equal(pool_semaphore_counts(semaphore).held, SIZE);
    gate_release(&timeout_gate);
    pool_semaphore_destroy(semaphore);
}

/* One in the middle and the last give up: the line stays whole. */
static void the_line_closes_its_gaps(void **state)
{
    (void)state;
    struct pool_semaphore *semaphore = semaphore_make();
    struct taker line[4] = {[1] = {.deadline = &at_the_gate}, [3] = {.deadline = &at_the_gate}};
    gate_init(&timeout_gate);
    assert_int_equal(pool_semaphore_acquire(semaphore, SIZE), POOL_OK);
    for (int i = 0; i < 4; i++)
        taker_start(&line[i], semaphore, 1);
    gate_open(&timeout_gate);
    gate_open(&timeout_gate);
    assert_int_equal(call_join(&line[1].call), POOL_TIMED_OUT);
    assert_int_equal(call_join(&line[3].call), POOL_TIMED_OUT);
    assert_int_equal(pool_semaphore_counts(semaphore).waiting, 2);
    assert_int_equal(pool_semaphore_counts(semaphore).wanted, 2);
    assert_int_equal(pool_semaphore_release(semaphore, 2), POOL_OK);
    assert_int_equal(call_join(&line[0].call), POOL_OK);
    assert_int_equal(call_join(&line[2].call), POOL_OK);
    gate_release(&timeout_gate);
    pool_semaphore_destroy(semaphore);
}

/* The deadline has passed, but the permits came before the waiter had the lock: it has them. */
static void permits_handed_over_at_the_last_moment_count(void **state)
{
    (void)state;
    struct pool_semaphore *semaphore = semaphore_make();
    struct taker taker = {.deadline = &at_the_gate};
    gate_init(&timeout_gate);
    assert_int_equal(pool_semaphore_acquire(semaphore, SIZE), POOL_OK);
    taker_start(&taker, semaphore, 3);
    gate_await(&timeout_gate);
    assert_int_equal(pool_semaphore_release(semaphore, SIZE), POOL_OK);
    gate_open(&timeout_gate);
    assert_int_equal(call_join(&taker.call), POOL_OK);
    assert_int_equal(pool_semaphore_counts(semaphore).held, 3);
    gate_release(&timeout_gate);
    pool_semaphore_destroy(semaphore);
}

static void a_close_lets_everybody_out(void **state)
{
    (void)state;
    struct pool_semaphore *semaphore = semaphore_make();
    struct taker takers[3] = {0};
    assert_int_equal(pool_semaphore_acquire(semaphore, 4), POOL_OK);
    for (int i = 0; i < 3; i++)
        taker_start(&takers[i], semaphore, 7);
    assert_int_equal(pool_semaphore_close(semaphore), POOL_OK);
    for (int i = 0; i < 3; i++)
        assert_int_equal(call_join(&takers[i].call), POOL_STOPPED);
    assert_int_equal(pool_semaphore_close(semaphore), POOL_OK);
    assert_int_equal(pool_semaphore_try(semaphore, 1), POOL_STOPPED);
    assert_int_equal(pool_semaphore_acquire(semaphore, 1), POOL_STOPPED);
    assert_int_equal(pool_semaphore_counts(semaphore).held, 4);
    assert_int_equal(pool_semaphore_release(semaphore, 4), POOL_OK); /* what is held may still go back */
    assert_int_equal(pool_semaphore_release(semaphore, 1), POOL_INVALID);
    pool_semaphore_destroy(semaphore);
}

static void a_destroy_lets_everybody_out_first(void **state)
{
    (void)state;
    struct pool_semaphore *semaphore = semaphore_make();
    struct taker takers[3] = {0};
    assert_int_equal(pool_semaphore_acquire(semaphore, SIZE), POOL_OK);
    for (int i = 0; i < 3; i++)
        taker_start(&takers[i], semaphore, 1);
    pool_semaphore_destroy(semaphore);
    for (int i = 0; i < 3; i++)
        assert_int_equal(call_join(&takers[i].call), POOL_STOPPED);
}

/* --- many at once ------------------------------------------------------------------------------------- */

struct crowd {
    struct pool_semaphore *semaphore;
    atomic_size_t inside; /* the weight that believes to be held */
    atomic_int too_many;
    atomic_uint seed;
};

static enum pool_status crowd_member(void *arg)
{
    struct crowd *crowd = arg;
    unsigned seed = atomic_fetch_add(&crowd->seed, 1);
    for (int i = 0; i < 300; i++) {
        size_t weight = 1 + rand_r(&seed) % SIZE;
        struct timespec deadline = pool_deadline_after(rand_r(&seed) % 2 ? 0 : 3600 * 1000);
        if (pool_semaphore_acquire_until(crowd->semaphore, weight, &deadline) != POOL_OK)
            continue;
        if (atomic_fetch_add(&crowd->inside, weight) + weight > SIZE)
            atomic_fetch_add(&crowd->too_many, 1);
        atomic_fetch_sub(&crowd->inside, weight);
        (void)pool_semaphore_release(crowd->semaphore, weight);
    }
    return POOL_OK;
}

static void a_crowd_never_holds_more_than_the_size(void **state)
{
    (void)state;
    struct crowd crowd = {.semaphore = semaphore_make(), .seed = 42};
    struct call calls[4];
    for (int i = 0; i < 4; i++)
        call_start(&calls[i], crowd_member, &crowd);
    for (int i = 0; i < 4; i++)
        assert_int_equal(call_join(&calls[i]), POOL_OK);
    assert_int_equal(crowd.too_many, 0);
    struct pool_semaphore_counts counts = pool_semaphore_counts(crowd.semaphore);
    assert_true(counts.held == 0 && counts.waiting == 0 && counts.wanted == 0);
    assert_int_equal(counts.acquired + counts.timed_out, 4 * 300);
    pool_semaphore_destroy(crowd.semaphore);
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        CASE(wrong_arguments_are_refused),
        CASE(weights_add_up_to_the_size),
        CASE(nobody_mints_permits),
        CASE(nobody_overtakes),
        CASE(room_is_handed_over_in_order),
        CASE(a_deadline_in_the_past_still_tries),
        CASE(a_far_deadline_waits),
        CASE(who_gives_up_leaves_no_debt),
        CASE(the_line_closes_its_gaps),
        CASE(permits_handed_over_at_the_last_moment_count),
        CASE(a_close_lets_everybody_out),
        CASE(a_destroy_lets_everybody_out_first),
        CASE(a_crowd_never_holds_more_than_the_size),
    };
    return cmocka_run_group_tests_name("coordination: semaphore", cases, NULL, NULL);
}
