/* test_thread_budget.c - shares, priorities, giving back at task ends, and that the sum never exceeds the
 * total. */
/* link: -Wl,--wrap=calloc */
#include "scaling_test.h"
#include "thread_budget.h"
#include <pthread.h>

/* The wrapper has no argument for this, so it has to be global. */
static int refuse_memory;

void *__real_calloc(size_t count, size_t size);
void *__wrap_calloc(size_t count, size_t size)
{
    return refuse_memory ? NULL : __real_calloc(count, size);
}

static struct pool_thread_budget *budget_make(unsigned total)
{
    struct pool_thread_budget *budget;
    assert_int_equal(pool_thread_budget_create(&budget, total), POOL_OK);
    return budget;
}

static struct pool_budget_member *member_make(struct pool_thread_budget *budget, unsigned minimum,
                                              int priority)
{
    struct pool_budget_member *member;
    struct pool_budget_options options = {.minimum = minimum, .priority = priority};
    assert_int_equal(pool_thread_budget_join(budget, &options, &member), POOL_OK);
    return member;
}

static void there_is_enough(void **state)
{
    struct pool_thread_budget *budget = budget_make(10);
    struct pool_budget_member *a = member_make(budget, 0, 0);
    (void)state;
    assert_int_equal(pool_thread_budget_reserve(a, 4), 4);
    assert_int_equal(pool_thread_budget_reserve(a, 10), 10);
    assert_int_equal(pool_thread_budget_reserve(a, 4000000000u), 10);
    struct pool_budget_view view = pool_thread_budget_view(a);
    assert_int_equal(view.wanted, 4000000000u);
    assert_int_equal(view.held, 10);
    assert_int_equal(view.held_by_all, 10);
    assert_int_equal(view.total, 10);
    assert_int_equal(pool_thread_budget_return(a, 11), POOL_INVALID);
    assert_int_equal(pool_thread_budget_view(a).held, 10);
    assert_int_equal(pool_thread_budget_return(a, 10), POOL_OK);
    assert_int_equal(pool_thread_budget_view(a).held, 0);
    pool_thread_budget_leave(a);
    pool_thread_budget_destroy(budget);
}

/* A lower wish keeps what is held until the threads have ended. */
static void what_is_held_is_held_until_returned(void **state)
{
    struct pool_thread_budget *budget = budget_make(10);
    struct pool_budget_member *a = member_make(budget, 0, 0), *b = member_make(budget, 0, 0);
    (void)state;
    assert_int_equal(pool_thread_budget_reserve(a, 8), 8);
    assert_int_equal(pool_thread_budget_reserve(a, 2), 2);
    assert_int_equal(pool_thread_budget_view(a).held, 8);
    assert_int_equal(pool_thread_budget_reserve(b, 8), 2); /* the six are still running */
    assert_int_equal(pool_thread_budget_return(a, 5), POOL_OK);
    assert_int_equal(pool_thread_budget_reserve(b, 8), 7);
    assert_int_equal(pool_thread_budget_return(a, 1), POOL_OK);
    assert_int_equal(pool_thread_budget_reserve(b, 8), 8);
    pool_thread_budget_leave(a);
    pool_thread_budget_leave(b);
    pool_thread_budget_destroy(budget);
}

static void equals_share_evenly(void **state)
{
    struct pool_thread_budget *budget = budget_make(48);
    struct pool_budget_member *a = member_make(budget, 0, 3), *b = member_make(budget, 0, 3);
    (void)state;
    assert_int_equal(pool_thread_budget_reserve(a, 48), 48);
    assert_int_equal(pool_thread_budget_reserve(b, 40), 0); /* nothing is free, but from now on */
    assert_int_equal(pool_thread_budget_view(a).allowed, 24);
    assert_int_equal(pool_thread_budget_reserve(a, 48), 24); /* is what A is told to go to */
    assert_int_equal(pool_thread_budget_return(a, 24), POOL_OK);
    assert_int_equal(pool_thread_budget_reserve(a, 48), 24); /* A does not take it back first */
    assert_int_equal(pool_thread_budget_reserve(b, 40), 24);
    assert_int_equal(pool_thread_budget_reserve(b, 10),
                     10); /* B wants less: A may have more, once B returns */
    assert_int_equal(pool_thread_budget_return(b, 14), POOL_OK);
    assert_int_equal(pool_thread_budget_reserve(a, 48), 38);
    pool_thread_budget_leave(b);
    assert_int_equal(pool_thread_budget_view(a).allowed, 48);
    assert_int_equal(pool_thread_budget_reserve(a, 48), 48);
    pool_thread_budget_leave(a);
    pool_thread_budget_destroy(budget);
}

static void priority_goes_first_but_minima_are_kept(void **state)
{
    struct pool_thread_budget *budget = budget_make(20);
    struct pool_budget_member *low = member_make(budget, 4, 0), *high = member_make(budget, 2, 9);
    (void)state;
    assert_int_equal(pool_thread_budget_reserve(low, 20), 18); /* high's two are never lent */
    assert_int_equal(pool_thread_budget_reserve(high, 20), 2);
    assert_int_equal(pool_thread_budget_view(low).allowed, 4);
    assert_int_equal(pool_thread_budget_reserve(low, 20), 4);
    assert_int_equal(pool_thread_budget_return(low, 14), POOL_OK);
    assert_int_equal(pool_thread_budget_reserve(high, 20), 16);
    assert_int_equal(pool_thread_budget_reserve(low, 0), 0); /* wants none; its minimum stays promised */
    assert_int_equal(pool_thread_budget_return(low, 4), POOL_OK);
    assert_int_equal(pool_thread_budget_reserve(high, 20), 16);
    assert_int_equal(pool_thread_budget_reserve(low, 4), 4);
    pool_thread_budget_leave(low);
    pool_thread_budget_leave(high);
    pool_thread_budget_destroy(budget);
}

static void minima_must_fit(void **state)
{
    struct pool_thread_budget *budget = budget_make(10);
    struct pool_budget_member *a = member_make(budget, 4, 0), *none = a;
    (void)state;
    assert_int_equal(pool_thread_budget_reserve(a, 7), 7);
    struct pool_budget_options options = {.minimum = 4};
    assert_int_equal(pool_thread_budget_join(budget, &options, &none), POOL_REJECTED);
    assert_null(none);
    options.minimum = 3;
    assert_int_equal(pool_thread_budget_join(budget, &options, &none), POOL_OK);
    pool_thread_budget_leave(none);
    pool_thread_budget_leave(a);
    pool_thread_budget_destroy(budget);
}

static void nonsense_and_no_memory(void **state)
{
    struct pool_thread_budget *budget = (struct pool_thread_budget *)&refuse_memory;
    struct pool_budget_member *member = (struct pool_budget_member *)&refuse_memory;
    struct pool_budget_options options = {.minimum = 1};
    (void)state;
    assert_int_equal(pool_thread_budget_create(NULL, 1), POOL_INVALID);
    assert_int_equal(pool_thread_budget_create(&budget, 0), POOL_INVALID);
    assert_null(budget);
    assert_int_equal(pool_thread_budget_create(&budget, POOL_BUDGET_MOST + 1), POOL_INVALID);
    refuse_memory = 1;
    assert_int_equal(pool_thread_budget_create(&budget, 1), POOL_NO_MEMORY);
    assert_null(budget);
    refuse_memory = 0;
    budget = budget_make(POOL_BUDGET_MOST);
    refuse_memory = 1;
    assert_int_equal(pool_thread_budget_join(budget, &options, &member), POOL_NO_MEMORY);
    refuse_memory = 0;
    assert_null(member);
    assert_int_equal(pool_thread_budget_join(NULL, &options, &member), POOL_INVALID);
    assert_int_equal(pool_thread_budget_join(budget, NULL, &member), POOL_INVALID);
    assert_int_equal(pool_thread_budget_join(budget, &options, NULL), POOL_INVALID);
    assert_int_equal(pool_thread_budget_reserve(NULL, 3), 0);
    assert_int_equal(pool_thread_budget_return(NULL, 3), POOL_INVALID);
    assert_int_equal(pool_thread_budget_view(NULL).total, 0);
    pool_thread_budget_leave(NULL);
    pool_thread_budget_destroy(budget);
    pool_thread_budget_destroy(NULL);
}

/* I40: four pools that may each want 64, a total of 96, minimum shares of 8. Tasks end at random; a pool that
 * is above its target returns a thread then. */
enum { POOLS = 4, TOTAL = 96, MINIMUM = 8, MOST_WANTED = 64 };

static void the_sum_is_bounded_and_minima_hold(void **state)
{
    struct pool_thread_budget *budget = budget_make(TOTAL);
    struct pool_budget_member *members[POOLS];
    unsigned live[POOLS] = {0}, wanted[POOLS] = {0};
    uint64_t random = 40;
    (void)state;
    for (int i = 0; i < POOLS; i++)
        members[i] = member_make(budget, MINIMUM, i == 0);
    for (int step = 0; step < 20000; step++) {
        unsigned who = random_next(&random) % POOLS, sum = 0;
        if (random_next(&random) % 10 == 0)
            wanted[who] = MINIMUM + (unsigned)(random_next(&random) % (MOST_WANTED - MINIMUM + 1));
        unsigned target = pool_thread_budget_reserve(members[who], wanted[who]);
        assert_true(target <= wanted[who] && target <= MOST_WANTED);
        assert_true(wanted[who] < MINIMUM || target >= MINIMUM);
        if (live[who] < target)
            live[who] = target; /* threads start at once */
        else if (live[who] > target && pool_thread_budget_return(members[who], 1) == POOL_OK)
            live[who]--; /* and end one task after the other */
        for (int i = 0; i < POOLS; i++)
            sum += live[i];
        assert_true(sum <= TOTAL);
        assert_true(pool_thread_budget_view(members[who]).held_by_all <= TOTAL);
    }
    for (int i = 0; i < POOLS; i++)
        pool_thread_budget_leave(members[i]);
    pool_thread_budget_destroy(budget);
}

/* I40's third line: the high class has its request after one round in which every task has ended once. */
static void the_high_class_gets_its_request_within_two_task_lengths(void **state)
{
    struct pool_thread_budget *budget = budget_make(TOTAL);
    struct pool_budget_member *members[POOLS];
    (void)state;
    for (int i = 0; i < POOLS; i++)
        members[i] = member_make(budget, MINIMUM, i == 0);
    for (int round = 0; round < 2; round++)
        for (int i = 1; i < POOLS; i++)
            pool_thread_budget_reserve(members[i], MOST_WANTED);
    assert_true(pool_thread_budget_reserve(members[0], MOST_WANTED) < MOST_WANTED);
    for (int i = 1; i < POOLS;
         i++) { /* one task length: each pool looks, and gives back what is above its target */
        unsigned target = pool_thread_budget_reserve(members[i], MOST_WANTED);
        unsigned held = pool_thread_budget_view(members[i]).held;
        assert_int_equal(pool_thread_budget_return(members[i], held - target), POOL_OK);
    }
    assert_int_equal(pool_thread_budget_reserve(members[0], MOST_WANTED), MOST_WANTED);
    for (int i = 0; i < POOLS; i++)
        pool_thread_budget_leave(members[i]);
    pool_thread_budget_destroy(budget);
}

static void *reserve_and_return(void *arg)
{
    struct pool_budget_member *member = arg;
    uint64_t random = 17;
    unsigned live = 0;
    for (int i = 0; i < 2000; i++) {
        unsigned target = pool_thread_budget_reserve(member, (unsigned)(random_next(&random) % 40));
        struct pool_budget_view view = pool_thread_budget_view(member);
        if (view.held_by_all > view.total || view.held < target)
            abort();
        live = live > target ? live : target;
        if (live > target && pool_thread_budget_return(member, live - target) != POOL_OK)
            abort();
        live = target;
    }
    return NULL;
}

static void several_threads_at_once(void **state)
{
    struct pool_thread_budget *budget = budget_make(50);
    struct pool_budget_member *members[3];
    pthread_t threads[3];
    (void)state;
    for (int i = 0; i < 3; i++) /* all before the first reserves: a minimum has to be free to be promised */
        members[i] = member_make(budget, 5, i);
    for (int i = 0; i < 3; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, reserve_and_return, members[i]), 0);
    for (int i = 0; i < 3; i++)
        pthread_join(threads[i], NULL);
    for (int i = 0; i < 3; i++)
        pool_thread_budget_leave(members[i]);
    pool_thread_budget_destroy(budget);
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        CASE(there_is_enough),
        CASE(what_is_held_is_held_until_returned),
        CASE(equals_share_evenly),
        CASE(priority_goes_first_but_minima_are_kept),
        CASE(minima_must_fit),
        CASE(nonsense_and_no_memory),
        CASE(the_sum_is_bounded_and_minima_hold),
        CASE(the_high_class_gets_its_request_within_two_task_lengths),
        CASE(several_threads_at_once),
    };
    return cmocka_run_group_tests_name("scaling: thread budget", cases, NULL, NULL);
}
