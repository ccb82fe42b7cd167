/* test_fairness_load.c - the noisy tenant (I17) in virtual time, and many threads: nobody waits in vain, no
 * tenant runs more than its cap while entries come and go (I18).
 */
#include "fairness.h"
#include "protection_test.h"

/* --- I17: A floods, B comes each 100 ms ------------------------------------------------------------------
 */

enum { A = 1, B = 2, TASK = 10 }; /* a task takes 10 ms; B's are every tenth of a second */

struct house {
    struct future *future;
    struct pool_fairness *fair;
    struct pool_fairness_job job; /* of the one worker */
    bool busy;
    uint64_t busy_time[3], b_waited_most, any_waited_most;
    uint64_t put_at[3000];
    uint64_t tasks;
};

static void task_ends(void *world, uint64_t what);

static void work_on(struct house *house)
{
    if (house->busy || pool_fairness_take(house->fair, &house->job, NULL) != POOL_OK)
        return;
    uint64_t waited = future_now(house->future) - house->put_at[(uintptr_t)house->job.item];
    house->busy = true;
    house->busy_time[house->job.tenant] += TASK;
    house->any_waited_most = waited > house->any_waited_most ? waited : house->any_waited_most;
    if (house->job.tenant == B && waited > house->b_waited_most)
        house->b_waited_most = waited;
    future_plan(house->future, TASK * MS, task_ends, 0);
}

static void task_ends(void *world, uint64_t what)
{
    struct house *house = world;
    (void)what;
    house->busy = false;
    assert_status(pool_fairness_done(house->fair, &house->job), POOL_OK);
    work_on(house);
}

static void put(struct house *house, uint64_t tenant)
{
    uint64_t number = house->tasks++;
    house->put_at[number] = future_now(house->future);
    assert_status(pool_fairness_put(house->fair, tenant, TASK, (void *)(uintptr_t)number), POOL_OK);
    work_on(house);
}

static void b_comes(void *world, uint64_t left)
{
    put(world, B);
    if (left > 1)
        future_plan(((struct house *)world)->future, 100 * MS, b_comes, left - 1);
}

/* QUEUE_OF_A: A's number, or B's to put all into one queue. */
static struct house *flood(uint64_t queue_of_b)
{
    struct house *house = calloc(1, sizeof *house);
    house->future = future_create();
    struct pool_fairness_options options = {.pick = POOL_FAIRNESS_DEFICIT,
                                            .tenants = 4,
                                            .items = 3000,
                                            .per_tenant = 3000,
                                            .running = 1,
                                            .quantum = TASK,
                                            .clock = &house->future->clock.clock};
    assert_status(pool_fairness_create(&house->fair, &options), POOL_OK);
    for (int i = 0; i < 1000; i++)
        put(house, A);
    if (queue_of_b == B)
        future_plan(house->future, 5 * MS, b_comes, 90);
    else
        put(house, A); /* B's only task, in the one queue of all */
    future_run(house->future, house, 9 * POOL_SECOND);
    return house;
}

static void house_destroy(struct house *house)
{
    pool_fairness_destroy(house->fair);
    free(house->future);
    free(house);
}

static void the_quiet_tenant_waits_a_task_of_each_at_most(void **state)
{
    (void)state;
    struct house *house = flood(B);
    assert_int_equal(house->busy_time[B], 90 * TASK);
    assert_in_range(house->b_waited_most, 1, (2 * TASK + 10) * MS); /* tenants * one task, and 10 ms */
    /* A has all that is left: 90 of 100 tasks' time, of which I17 wants 80 % */
    assert_true(house->busy_time[A] >= (9000 - 90 * TASK) * 99 / 100);
    house_destroy(house);
}

static void in_one_queue_it_waits_behind_the_whole_flood(void **state)
{
    (void)state;
    struct house *house = flood(A);
    future_run(house->future, house, 2 * POOL_SECOND);
    assert_true(house->any_waited_most >= 10 * POOL_SECOND - TASK * MS);
    house_destroy(house);
}

/* Jain's index of what N tenants got: 1 if all got the same, 1 / N if one got everything (R. Jain, D. Chiu,
 * W. Hawe, DEC-TR-301, 1984). */
static double jain(const double *got, int count)
{
    double sum = 0, squares = 0;
    for (int i = 0; i < count; i++) {
        sum += got[i];
        squares += got[i] * got[i];
    }
    return sum * sum / (count * squares);
}

/* Ten tenants of one weight, each with another cost; after the same number of takes each time. */
static double share(enum pool_fairness_pick pick, int takes)
{
    struct pool_fairness *fair;
    struct pool_fairness_options options = {
        .pick = pick, .tenants = 10, .items = 20000, .per_tenant = 2000, .running = 1, .quantum = 10};
    double got[10] = {0};
    assert_status(pool_fairness_create(&fair, &options), POOL_OK);
    for (uint64_t tenant = 0; tenant < 10; tenant++)
        for (int i = 0; i < 2000; i++)
            assert_status(pool_fairness_put(fair, tenant, tenant * tenant + 1, NULL), POOL_OK);
    for (int i = 0; i < takes; i++) {
        struct pool_fairness_job job;
        assert_status(pool_fairness_take(fair, &job, NULL), POOL_OK);
        got[job.tenant] += (double)(job.tenant * job.tenant + 1);
        assert_status(pool_fairness_done(fair, &job), POOL_OK);
    }
    pool_fairness_destroy(fair);
    return jain(got, 10);
}

static void equal_weights_get_equal_shares_of_the_cost(void **state)
{
    (void)state;
    assert_true(share(POOL_FAIRNESS_DEFICIT, 2000) >= 0.99);
    assert_true(share(POOL_FAIRNESS_ROUND_ROBIN, 2000) <= 0.7); /* equal numbers, unequal costs */
}

/* --- threads ----------------------------------------------------------------------------------------------
 */

enum { TENANTS = 4, EACH = 500, CAP = 2 };

struct works {
    struct pool_fairness *fair;
    atomic_int at_work[TENANTS], done, broken;
    atomic_uint number;
};

static void *produce(void *arg)
{
    struct works *works = arg;
    uint64_t tenant = atomic_fetch_add(&works->number, 1) % TENANTS;
    for (int i = 0; i < EACH; i++)
        while (pool_fairness_put(works->fair, tenant, 1 + (uint64_t)i % 3, works) != POOL_OK)
            sched_yield();
    return NULL;
}

static void *consume(void *arg)
{
    struct works *works = arg;
    struct timespec deadline = far_away();
    struct pool_fairness_job job;
    while (pool_fairness_take(works->fair, &job, &deadline) == POOL_OK) {
        if (atomic_fetch_add(&works->at_work[job.tenant], 1) >= CAP || job.item != works)
            atomic_fetch_add(&works->broken, 1);
        sched_yield();
        atomic_fetch_sub(&works->at_work[job.tenant], 1);
        atomic_fetch_add(&works->done, 1);
        (void)pool_fairness_done(works->fair, &job);
    }
    return NULL;
}

/* Four producers of four tenants, four workers, and a table of two places: entries come and go all the time.
 */
static void no_cap_is_broken_while_entries_come_and_go(void **state)
{
    (void)state;
    struct works works = {0};
    struct pool_fairness_options options = {.pick = POOL_FAIRNESS_DEFICIT,
                                            .tenants = 2,
                                            .items = 8,
                                            .per_tenant = 3,
                                            .running = CAP,
                                            .quantum = 2};
    pthread_t consumers[CREW];
    assert_status(pool_fairness_create(&works.fair, &options), POOL_OK);
    for (int i = 0; i < CREW; i++)
        assert_int_equal(pthread_create(&consumers[i], NULL, consume, &works), 0);
    crew_run(produce, &works);
    assert_status(pool_fairness_stop(works.fair), POOL_OK);
    for (int i = 0; i < CREW; i++)
        pthread_join(consumers[i], NULL);
    assert_int_equal(works.done, TENANTS * EACH);
    assert_int_equal(works.broken, 0);
    struct pool_fairness_counts counts = pool_fairness_counts(works.fair);
    assert_int_equal(counts.done, TENANTS * EACH);
    assert_int_equal(counts.queued + counts.running, 0);
    pool_fairness_destroy(works.fair);
}

static struct pool_fairness *make_for_waiting(void)
{
    struct pool_fairness *fair;
    struct pool_fairness_options options = {.tenants = 2, .items = 8, .per_tenant = 8, .running = 1};
    assert_status(pool_fairness_create(&fair, &options), POOL_OK);
    return fair;
}

struct taker {
    struct pool_fairness *fair;
    struct pool_fairness_job job;
    enum pool_status status;
};

static void *take_one(void *arg)
{
    struct taker *taker = arg;
    struct timespec deadline = far_away();
    taker->status = pool_fairness_take(taker->fair, &taker->job, &deadline);
    return NULL;
}

/* A thread that sleeps in take, as the WAITING-th. */
static pthread_t start_taker(struct taker *taker, struct pool_fairness *fair, size_t waiting)
{
    pthread_t thread;
    *taker = (struct taker){.fair = fair};
    assert_int_equal(pthread_create(&thread, NULL, take_one, taker), 0);
    while (pool_fairness_counts(fair).waiting != waiting)
        sched_yield();
    return thread;
}

static void a_take_waits_for_a_put_for_a_done_and_for_the_stop(void **state)
{
    (void)state;
    struct pool_fairness *fair = make_for_waiting();
    struct taker first, second, third;
    pthread_t thread = start_taker(&first, fair, 1);
    assert_status(pool_fairness_put(fair, 1, 1, NULL), POOL_OK);
    pthread_join(thread, NULL);
    assert_status(first.status, POOL_OK);
    assert_status(pool_fairness_put(fair, 1, 1, NULL), POOL_OK); /* of a tenant at its cap */
    thread = start_taker(&second, fair, 1);
    assert_status(pool_fairness_done(fair, &first.job), POOL_OK);
    pthread_join(thread, NULL);
    assert_status(second.status, POOL_OK);
    thread = start_taker(&third, fair, 1);
    assert_status(pool_fairness_stop(fair), POOL_OK);
    pthread_join(thread, NULL);
    assert_status(third.status, POOL_STOPPED);
    pool_fairness_destroy(fair);
}

static void a_take_ends_at_its_deadline(void **state)
{
    (void)state;
    struct pool_fairness *fair = make_for_waiting();
    struct pool_fairness_job job;
    struct timespec past = long_ago();
    assert_status(pool_fairness_take(fair, &job, &past), POOL_TIMED_OUT);
    assert_status(pool_fairness_put(fair, 1, 1, NULL), POOL_OK);
    assert_status(pool_fairness_take(fair, &job, &past), POOL_OK); /* the past still tries */
    pool_fairness_destroy(fair);
}

/* The last item goes to one of those who wait; the stop's answer must reach the others all the same. */
static void the_last_item_of_a_stopped_queue_sends_the_others_home(void **state)
{
    (void)state;
    struct taker takers[2];
    pthread_t threads[2];
    struct pool_fairness *fair = make_for_waiting();
    struct pool_fairness_job first;
    assert_status(pool_fairness_put(fair, 1, 1, NULL), POOL_OK);
    assert_status(pool_fairness_put(fair, 1, 1, NULL), POOL_OK);
    assert_status(pool_fairness_take(fair, &first, NULL), POOL_OK);
    assert_status(pool_fairness_stop(fair), POOL_OK); /* one item is left, of a tenant at its cap */
    for (size_t i = 0; i < 2; i++)
        threads[i] = start_taker(&takers[i], fair, i + 1);
    assert_status(pool_fairness_done(fair, &first), POOL_OK);
    for (int i = 0; i < 2; i++)
        pthread_join(threads[i], NULL);
    bool first_got_it = takers[0].status == POOL_OK;
    assert_status(takers[first_got_it ? 0 : 1].status, POOL_OK);
    assert_status(takers[first_got_it ? 1 : 0].status, POOL_STOPPED);
    pool_fairness_destroy(fair);
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        CASE(the_quiet_tenant_waits_a_task_of_each_at_most),
        CASE(in_one_queue_it_waits_behind_the_whole_flood),
        CASE(equal_weights_get_equal_shares_of_the_cost),
        CASE(no_cap_is_broken_while_entries_come_and_go),
        CASE(a_take_waits_for_a_put_for_a_done_and_for_the_stop),
        CASE(a_take_ends_at_its_deadline),
        CASE(the_last_item_of_a_stopped_queue_sends_the_others_home),
    };
    return cmocka_run_group_tests_name("protection: fairness load", cases, NULL, NULL);
}
