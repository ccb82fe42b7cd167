/* test_fairness.c - turns, shares by cost, caps; the end. Threads and the incidents
 * are in test_fairness_load.c, who is forgotten in test_fairness_entries.c.
 */
/* link: -Wl,--wrap=malloc,--wrap=calloc,--wrap=free */
#include "fairness.h"
#include "starve.h"

static struct pool_fairness_options usual(struct test_clock *time)
{
    test_clock_init(time);
    return (struct pool_fairness_options){.pick = POOL_FAIRNESS_ROUND_ROBIN,
                                          .tenants = 4,
                                          .items = 40,
                                          .per_tenant = 20,
                                          .running = 100,
                                          .idle = POOL_SECOND,
                                          .clock = &time->clock};
}

static struct pool_fairness *make(const struct pool_fairness_options *options)
{
    struct pool_fairness *fair;
    assert_status(pool_fairness_create(&fair, options), POOL_OK);
    return fair;
}

/* The item is its number. */
static void put(struct pool_fairness *fair, uint64_t tenant, uint64_t cost, uintptr_t item)
{
    assert_status(pool_fairness_put(fair, tenant, cost, (void *)item), POOL_OK);
}

static void put_many(struct pool_fairness *fair, uint64_t tenant, uint64_t cost, int count)
{
    for (int i = 0; i < count; i++)
        put(fair, tenant, cost, (uintptr_t)i);
}

static struct pool_fairness_job take(struct pool_fairness *fair)
{
    struct pool_fairness_job job;
    assert_status(pool_fairness_take(fair, &job, NULL), POOL_OK);
    return job;
}

/* Take and finish; the tenants' numbers must be those of the digits of WANTED. */
static void assert_turns(struct pool_fairness *fair, const char *wanted)
{
    for (; *wanted; wanted++) {
        struct pool_fairness_job job = take(fair);
        assert_int_equal(job.tenant, *wanted - '0');
        assert_status(pool_fairness_done(fair, &job), POOL_OK);
    }
}

static void assert_empty(struct pool_fairness *fair)
{
    struct pool_fairness_job job;
    assert_status(pool_fairness_take(fair, &job, NULL), POOL_EMPTY);
    assert_null(job.entry);
}

static void round_robin_goes_round_whatever_the_flood(void **state)
{
    (void)state;
    struct test_clock time;
    struct pool_fairness_options options = usual(&time);
    struct pool_fairness *fair = make(&options);
    put_many(fair, 1, 1, 6);
    put_many(fair, 2, 99, 2); /* round robin does not look at costs */
    put_many(fair, 3, 1, 1);
    assert_turns(fair, "123121");
    put_many(fair, 2, 1, 1); /* 1 has just had its turn */
    assert_turns(fair, "2111");
    assert_empty(fair);
    pool_fairness_destroy(fair);
}

static void items_of_a_tenant_stay_in_order(void **state)
{
    (void)state;
    struct test_clock time;
    struct pool_fairness_options options = usual(&time);
    struct pool_fairness *fair = make(&options);
    for (uintptr_t i = 0; i < 15; i++)
        for (uint64_t tenant = 1; tenant <= 2; tenant++)
            put(fair, tenant, 1, i * 10 + tenant);
    for (uintptr_t i = 0; i < 30; i++) {
        struct pool_fairness_job job = take(fair);
        assert_int_equal((uintptr_t)job.item, i / 2 * 10 + job.tenant);
        assert_status(pool_fairness_done(fair, &job), POOL_OK);
    }
    pool_fairness_destroy(fair);
}

static void a_weight_is_items_in_a_turn(void **state)
{
    (void)state;
    struct test_clock time;
    struct pool_fairness_options options = usual(&time);
    struct pool_fairness *fair = make(&options);
    assert_status(pool_fairness_pin(fair, 1, 9), POOL_OK);
    assert_status(pool_fairness_pin(fair, 1, 3), POOL_OK); /* the last word holds */
    put_many(fair, 1, 1, 14);
    put_many(fair, 2, 1, 9);
    assert_turns(fair, "11121112");
    assert_status(pool_fairness_unpin(fair, 1), POOL_OK);
    assert_turns(fair, "1112");
    assert_status(pool_fairness_unpin(fair, 1), POOL_OK); /* the last pin: weight 1 from the next turn */
    assert_turns(fair, "12121");
    pool_fairness_destroy(fair);
}

static void deficit_round_robin_shares_by_cost(void **state)
{
    (void)state;
    struct test_clock time;
    struct pool_fairness_options options = usual(&time);
    options.pick = POOL_FAIRNESS_DEFICIT;
    options.quantum = 10;
    struct pool_fairness *fair = make(&options);
    put_many(fair, 1, 30, 4); /* one each three turns */
    put_many(fair, 2, 5, 20); /* two in each */
    put_many(fair, 3, 10, 8); /* one in each */
    assert_turns(fair, "223"
                       "223"
                       "1223"
                       "223"
                       "223"
                       "1223"
                       "223"
                       "223");
    assert_int_equal(take(fair).cost, 30);
    pool_fairness_destroy(fair);
}

/* What is left of a turn is kept for the next one only as long as there is something to spend it on. */
static void credit_is_saved_but_not_hoarded(void **state)
{
    (void)state;
    struct test_clock time;
    struct pool_fairness_options options = usual(&time);
    options.pick = POOL_FAIRNESS_DEFICIT;
    options.quantum = 10;
    struct pool_fairness *fair = make(&options);
    put_many(fair, 1, 6, 3);
    put_many(fair, 2, 10, 3);
    assert_turns(fair, "12112"); /* 6 of 10, then 6 + 6 of 14 */
    put_many(fair, 1, 11, 2);    /* it had emptied: nothing is left of its 2, and 10 are not enough */
    assert_turns(fair, "211");
    pool_fairness_destroy(fair);
}

/* A million rounds of saving up are skipped, not walked, and the shares stay right: weight 3 against 1. */
static void costs_far_above_the_quantum_take_no_longer(void **state)
{
    (void)state;
    struct test_clock time;
    struct pool_fairness_options options = usual(&time);
    options.pick = POOL_FAIRNESS_DEFICIT;
    options.quantum = 1;
    struct pool_fairness *fair = make(&options);
    assert_status(pool_fairness_pin(fair, 1, 3), POOL_OK);
    put_many(fair, 1, POOL_FAIRNESS_MOST_COST, 9);
    put_many(fair, 2, POOL_FAIRNESS_MOST_COST, 3);
    assert_turns(fair, "111211121112");
    pool_fairness_destroy(fair);
}

static void each_store_refuses_when_full(void **state)
{
    (void)state;
    struct test_clock time;
    struct pool_fairness_options options = usual(&time);
    struct pool_fairness *fair = make(&options);
    put_many(fair, 1, 1, 20);
    assert_status(pool_fairness_put(fair, 1, 1, NULL), POOL_FULL); /* its own queue */
    put_many(fair, 2, 1, 10);
    put_many(fair, 3, 1, 5);
    put_many(fair, 4, 1, 1);
    assert_status(pool_fairness_put(fair, 5, 1, NULL), POOL_FULL); /* all four entries are in use */
    assert_status(pool_fairness_pin(fair, 5, 1), POOL_FULL);
    put_many(fair, 3, 1, 4);
    assert_status(pool_fairness_put(fair, 3, 1, NULL), POOL_FULL); /* the common store */
    assert_int_equal(pool_fairness_tenant(fair, 1).refused, 1);
    assert_int_equal(pool_fairness_tenant(fair, 3).refused, 1);
    assert_int_equal(pool_fairness_counts(fair).refused, 3);
    assert_int_equal(pool_fairness_counts(fair).accepted, 40);
    assert_int_equal(pool_fairness_counts(fair).queued, 40);
    pool_fairness_destroy(fair);
}

static void a_full_store_makes_no_entry(void **state)
{
    (void)state;
    struct test_clock time;
    struct pool_fairness_options options = usual(&time);
    options.items = 1;
    struct pool_fairness *fair = make(&options);
    put(fair, 1, 1, 0);
    assert_status(pool_fairness_put(fair, 2, 1, NULL), POOL_FULL);
    assert_int_equal(pool_fairness_counts(fair).tenants, 1);
    pool_fairness_destroy(fair);
}

static void no_tenant_runs_more_than_its_cap(void **state)
{
    (void)state;
    struct test_clock time;
    struct pool_fairness_options options = usual(&time);
    options.running = 2;
    struct pool_fairness *fair = make(&options);
    struct pool_fairness_job jobs[4];
    put_many(fair, 1, 1, 5);
    put_many(fair, 2, 1, 2);
    for (int i = 0; i < 4; i++)
        jobs[i] = take(fair);
    assert_int_equal(pool_fairness_tenant(fair, 1).running, 2);
    assert_empty(fair);                                         /* three of 1 wait, but not for a worker */
    assert_status(pool_fairness_done(fair, &jobs[1]), POOL_OK); /* 2's: nothing to start */
    assert_int_equal(jobs[1].tenant, 2);
    assert_empty(fair);
    assert_status(pool_fairness_done(fair, &jobs[0]), POOL_OK);
    assert_status(pool_fairness_done(fair, &jobs[0]), POOL_INVALID); /* once is enough */
    assert_int_equal(take(fair).tenant, 1);
    assert_empty(fair);
    struct pool_fairness_counts counts = pool_fairness_counts(fair);
    assert_int_equal(counts.accepted, counts.queued + counts.running + counts.done);
    assert_int_equal(counts.running, 3);
    pool_fairness_destroy(fair);
}

/* Weight 3 and a cap of 1: the turn goes on when its job is done, and not before; meanwhile others start. */
static void a_turn_that_meets_the_cap_goes_on_later(void **state)
{
    (void)state;
    struct test_clock time;
    struct pool_fairness_options options = usual(&time);
    options.running = 1;
    struct pool_fairness *fair = make(&options);
    assert_status(pool_fairness_pin(fair, 1, 3), POOL_OK);
    put_many(fair, 1, 1, 6);
    put_many(fair, 2, 1, 3);
    assert_turns(fair, "11");
    struct pool_fairness_job first = take(fair), second = take(fair);
    assert_int_equal(first.tenant, 1);
    assert_int_equal(second.tenant, 2);
    assert_status(pool_fairness_done(fair, &second), POOL_OK);
    assert_status(pool_fairness_done(fair, &first), POOL_OK); /* its turn is spent: behind 2 */
    assert_turns(fair, "2111"
                       "2");
    pool_fairness_destroy(fair);
}

/* --- the end, and edges --------------------------------------------------------------------------------- */

static void stopped_it_gives_out_what_it_has(void **state)
{
    (void)state;
    struct test_clock time;
    struct pool_fairness_options options = usual(&time);
    struct pool_fairness *fair = make(&options);
    struct pool_fairness_job job;
    struct timespec deadline = far_away();
    put_many(fair, 1, 1, 2);
    assert_status(pool_fairness_stop(fair), POOL_OK);
    assert_status(pool_fairness_stop(fair), POOL_OK);
    assert_status(pool_fairness_put(fair, 1, 1, NULL), POOL_STOPPED);
    assert_turns(fair, "11");
    assert_status(pool_fairness_take(fair, &job, NULL), POOL_STOPPED);
    assert_status(pool_fairness_take(fair, &job, &deadline), POOL_STOPPED);
    pool_fairness_destroy(fair);
}

static void count_discarded(void *item)
{
    (*(int *)item)++;
}

static void what_is_left_at_the_end_goes_to_discard(void **state)
{
    (void)state;
    struct test_clock time;
    struct pool_fairness_options options = usual(&time);
    int discarded[6] = {0};
    options.discard = count_discarded;
    struct pool_fairness *fair = make(&options);
    for (uint64_t i = 0; i < 6; i++)
        assert_status(pool_fairness_put(fair, i % 3, 1, &discarded[i]), POOL_OK);
    struct pool_fairness_job job = take(fair);
    pool_fairness_destroy(fair);
    for (int i = 0; i < 6; i++)
        assert_int_equal(discarded[i], &discarded[i] != job.item);
}

static void what_cannot_be_is_refused(void **state)
{
    (void)state;
    struct test_clock time;
    struct pool_fairness *fair;
    struct pool_fairness_job job;
    struct timespec wrong_time = {.tv_nsec = -1};
    struct pool_fairness_options right = usual(&time), wrong[9];
    for (int i = 0; i < 9; i++)
        wrong[i] = right;
    wrong[0].tenants = wrong[1].items = wrong[2].per_tenant = wrong[3].running = 0;
    wrong[4].tenants = wrong[5].items = POOL_FAIRNESS_MOST + 1;
    wrong[6].pick = (enum pool_fairness_pick)2;
    wrong[7].pick = wrong[8].pick = POOL_FAIRNESS_DEFICIT; /* without a quantum, */
    wrong[8].quantum = POOL_FAIRNESS_MOST_COST + 1;        /* and with too large a one */
    for (int i = 0; i < 9; i++) {
        fair = (struct pool_fairness *)&time;
        assert_status(pool_fairness_create(&fair, &wrong[i]), POOL_INVALID);
        assert_null(fair);
    }
    assert_status(pool_fairness_create(&fair, NULL), POOL_INVALID);
    assert_status(pool_fairness_create(NULL, &right), POOL_INVALID);
    fair = make(&right);
    assert_status(pool_fairness_put(NULL, 1, 1, NULL), POOL_INVALID);
    assert_status(pool_fairness_put(fair, 1, 0, NULL), POOL_INVALID);
    assert_status(pool_fairness_put(fair, 1, POOL_FAIRNESS_MOST_COST + 1, NULL), POOL_INVALID);
    assert_status(pool_fairness_take(NULL, &job, NULL), POOL_INVALID);
    assert_status(pool_fairness_take(fair, NULL, NULL), POOL_INVALID);
    assert_status(pool_fairness_take(fair, &job, &wrong_time), POOL_INVALID);
    assert_status(pool_fairness_take(fair, &job, NULL), POOL_EMPTY);
    assert_status(pool_fairness_done(fair, &job), POOL_INVALID);
    assert_status(pool_fairness_done(NULL, &job), POOL_INVALID);
    assert_status(pool_fairness_done(fair, NULL), POOL_INVALID);
    assert_status(pool_fairness_pin(fair, 1, 0), POOL_INVALID);
    assert_status(pool_fairness_pin(fair, 1, POOL_FAIRNESS_MOST_WEIGHT + 1), POOL_INVALID);
    assert_status(pool_fairness_pin(NULL, 1, 1), POOL_INVALID);
    assert_status(pool_fairness_unpin(NULL, 1), POOL_INVALID);
    assert_status(pool_fairness_stop(NULL), POOL_INVALID);
    assert_int_equal(pool_fairness_counts(NULL).tenants, 0);
    assert_int_equal(pool_fairness_tenant(NULL, 1).tenants, 0);
    put(fair, 1, 1, 0); /* without a discard function what is left is just let go */
    pool_fairness_destroy(fair);
    pool_fairness_destroy(NULL);
}

static enum pool_status create_one(void **made)
{
    struct pool_fairness_options options = {.tenants = 3, .items = 3, .per_tenant = 1, .running = 1};
    return pool_fairness_create((struct pool_fairness **)made, &options);
}

static void destroy_one(void *made)
{
    pool_fairness_destroy(made);
}

static void memory_runs_out(void **state)
{
    (void)state;
    assert_survives_hunger(create_one, destroy_one);
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        CASE(round_robin_goes_round_whatever_the_flood),
        CASE(items_of_a_tenant_stay_in_order),
        CASE(a_weight_is_items_in_a_turn),
        CASE(deficit_round_robin_shares_by_cost),
        CASE(credit_is_saved_but_not_hoarded),
        CASE(costs_far_above_the_quantum_take_no_longer),
        CASE(each_store_refuses_when_full),
        CASE(a_full_store_makes_no_entry),
        CASE(no_tenant_runs_more_than_its_cap),
        CASE(a_turn_that_meets_the_cap_goes_on_later),
        CASE(stopped_it_gives_out_what_it_has),
        CASE(what_is_left_at_the_end_goes_to_discard),
        CASE(what_cannot_be_is_refused),
        CASE(memory_runs_out),
    };
    return cmocka_run_group_tests_name("protection: fairness", cases, NULL, NULL);
}
