/* test_priority.c - who goes first, what ageing promises, and starvation without it (C6, I17). */
/* link: -Wl,--wrap=malloc,--wrap=calloc,--wrap=free */
#include "priority.h"
#include "../chance.h"
#include "starve.h"

static struct pool_priority_options usual(struct test_clock *time)
{
    test_clock_init(time);
    return (struct pool_priority_options){
        .levels = 3, .items = 100, .age = POOL_SECOND, .clock = &time->clock};
}

static struct pool_priority *make(const struct pool_priority_options *options)
{
    struct pool_priority *queue;
    assert_status(pool_priority_create(&queue, options), POOL_OK);
    return queue;
}

/* The item is its number. */
static void put(struct pool_priority *queue, unsigned level, uintptr_t item)
{
    assert_status(pool_priority_put(queue, level, (void *)item), POOL_OK);
}

static void assert_taken(struct pool_priority *queue, uintptr_t wanted)
{
    void *item;
    assert_status(pool_priority_take(queue, &item, NULL), POOL_OK);
    assert_int_equal((uintptr_t)item, wanted);
}

static void assert_empty(struct pool_priority *queue)
{
    void *item = queue;
    assert_status(pool_priority_take(queue, &item, NULL), POOL_EMPTY);
    assert_null(item);
}

static void the_urgent_go_first_and_a_level_keeps_its_order(void **state)
{
    (void)state;
    struct test_clock time;
    struct pool_priority_options options = usual(&time);
    struct pool_priority *queue = make(&options);
    put(queue, 2, 20);
    put(queue, 1, 10);
    put(queue, 0, 1);
    put(queue, 1, 11);
    put(queue, 0, 2);
    static const uintptr_t wanted[] = {1, 2, 10, 11, 20};
    for (int i = 0; i < 5; i++)
        assert_taken(queue, wanted[i]);
    assert_empty(queue);
    for (uintptr_t i = 0; i < 100; i++) /* all of one moment */
        put(queue, 1, i);
    for (uintptr_t i = 0; i < 100; i++)
        assert_taken(queue, i);
    pool_priority_destroy(queue);
}

static void an_age_is_worth_a_level_to_the_nanosecond(void **state)
{
    (void)state;
    struct test_clock time;
    struct pool_priority_options options = usual(&time);
    struct pool_priority *queue = make(&options);
    put(queue, 2, 20);
    pass_time(&time, 2 * POOL_SECOND);
    put(queue, 0, 1); /* exactly even: the urgent one */
    assert_taken(queue, 1);
    pass_time(&time, 1);
    put(queue, 0, 2);
    assert_taken(queue, 20);
    put(queue, 2, 21);
    pass_time(&time, POOL_SECOND + 1);
    put(queue, 1, 11); /* 21 has moved up one, and came before */
    put(queue, 0, 3);  /* 21 has not moved up two */
    assert_taken(queue, 2);
    assert_taken(queue, 3);
    assert_taken(queue, 21);
    assert_taken(queue, 11);
    pool_priority_destroy(queue);
}

/* For any arrivals: whoever is overtaken is so by one that came within level * age after it. */
static void the_promise_holds_for_any_arrivals(void **state)
{
    (void)state;
    struct test_clock time;
    struct pool_priority_options options = usual(&time);
    uint64_t chance = 12345, arrived[2000];
    unsigned levels[2000];
    bool queued[2000] = {false};
    options.items = 2000;
    options.levels = 5;
    struct pool_priority *queue = make(&options);
    uintptr_t count = 0;
    while (count < 2000 || pool_priority_counts(queue).queued > 0) {
        pass_time(&time, pool_chance_up_to(&chance, 200 * MS));
        if (count < 2000 && pool_chance_up_to(&chance, 99) < 70) {
            levels[count] = (unsigned)pool_chance_up_to(&chance, 4);
            arrived[count] = atomic_load(&time.now);
            queued[count] = true;
            put(queue, levels[count], count);
            count++;
            continue;
        }
        void *item;
        if (pool_priority_take(queue, &item, NULL) != POOL_OK)
            continue;
        uintptr_t taken = (uintptr_t)item;
        queued[taken] = false;
        for (uintptr_t i = 0; i < taken; i++)
            if (queued[i]) {
                assert_true(levels[i] > levels[taken]);
                assert_true(arrived[taken] - arrived[i] <= (levels[i] - levels[taken]) * POOL_SECOND);
            }
    }
    assert_int_equal(pool_priority_counts(queue).taken, 2000);
    pool_priority_destroy(queue);
}

/* One worker of 10 ms; urgent tasks at 100 a second are all that it can do, and one that is not comes at the
 * start. When does it run? In ticks of 10 ms; 10,000: not within 100 s. */
static int starvation(uint64_t age)
{
    struct test_clock time;
    struct pool_priority_options options = usual(&time);
    options.age = age;
    struct pool_priority *queue = make(&options);
    put(queue, 2, 999);
    int tick = 0;
    for (void *item = NULL; tick < 10000 && (uintptr_t)item != 999; tick++) {
        put(queue, 0, 1);
        assert_status(pool_priority_take(queue, &item, NULL), POOL_OK);
        pass_time(&time, 10 * MS);
    }
    pool_priority_destroy(queue);
    return tick;
}

static void with_strict_priority_the_lowest_starves_and_with_ageing_not(void **state)
{
    (void)state;
    assert_int_equal(starvation(POOL_PRIORITY_STRICT), 10000);
    assert_in_range(starvation(POOL_SECOND), 201, 202); /* 2 levels, 2 s */
    assert_in_range(starvation(100 * MS), 21, 22);
    assert_in_range(starvation(POOL_PRIORITY_MOST_AGE), 10000, 10000); /* two years */
}

static void a_full_queue_refuses(void **state)
{
    (void)state;
    struct test_clock time;
    struct pool_priority_options options = usual(&time);
    options.items = 2;
    struct pool_priority *queue = make(&options);
    put(queue, 2, 1);
    put(queue, 2, 2);
    assert_status(pool_priority_put(queue, 0, NULL), POOL_FULL);
    assert_taken(queue, 1);
    put(queue, 0, 3);
    pass_time(&time, 5 * MS);
    struct pool_priority_counts all = pool_priority_counts(queue), low = pool_priority_level(queue, 2);
    assert_int_equal(all.put, all.taken + all.queued);
    assert_int_equal(all.put, 3);
    assert_int_equal(all.refused, 1);
    assert_int_equal(all.oldest, 5 * MS);
    assert_int_equal(low.put, 2);
    assert_int_equal(low.queued, 1);
    assert_int_equal(low.taken, 1);
    assert_int_equal(low.oldest, 5 * MS);
    assert_int_equal(pool_priority_level(queue, 1).oldest, 0);
    assert_int_equal(pool_priority_level(queue, 0).refused, 1);
    assert_int_equal(pool_priority_level(queue, 3).put, 0);
    pool_priority_destroy(queue);
}

static void a_clock_that_steps_back_keeps_the_order(void **state)
{
    (void)state;
    struct test_clock time;
    struct pool_priority_options options = usual(&time);
    struct pool_priority *queue = make(&options);
    put(queue, 1, 1);
    pass_time(&time, -(uint64_t)(100 * POOL_SECOND));
    put(queue, 1, 2);
    put(queue, 2, 3);
    assert_int_equal(pool_priority_counts(queue).oldest, 0);
    assert_taken(queue, 1);
    assert_taken(queue, 2);
    assert_taken(queue, 3);
    pool_priority_destroy(queue);
}

static void stopped_it_gives_out_what_it_has(void **state)
{
    (void)state;
    struct test_clock time;
    struct pool_priority_options options = usual(&time);
    struct pool_priority *queue = make(&options);
    struct timespec deadline = far_away();
    void *item;
    put(queue, 1, 1);
    assert_status(pool_priority_stop(queue), POOL_OK);
    assert_status(pool_priority_stop(queue), POOL_OK);
    assert_status(pool_priority_put(queue, 1, NULL), POOL_STOPPED);
    assert_taken(queue, 1);
    assert_status(pool_priority_take(queue, &item, NULL), POOL_STOPPED);
    assert_status(pool_priority_take(queue, &item, &deadline), POOL_STOPPED);
    assert_int_equal(pool_priority_counts(queue).refused, 1);
    pool_priority_destroy(queue);
}

/* --- threads -------------------------------------------------------------------------------------------- */

struct taker {
    struct pool_priority *queue;
    void *item;
    enum pool_status status;
};

static void *take_one(void *arg)
{
    struct taker *taker = arg;
    struct timespec deadline = far_away();
    taker->status = pool_priority_take(taker->queue, &taker->item, &deadline);
    return NULL;
}

static pthread_t start_taker(struct taker *taker, struct pool_priority *queue)
{
    pthread_t thread;
    *taker = (struct taker){.queue = queue};
    assert_int_equal(pthread_create(&thread, NULL, take_one, taker), 0);
    while (pool_priority_counts(queue).waiting == 0)
        sched_yield();
    return thread;
}

static void a_take_waits_for_an_item_and_for_the_stop(void **state)
{
    (void)state;
    struct test_clock time;
    struct pool_priority_options options = usual(&time);
    struct pool_priority *queue = make(&options);
    struct taker first, second;
    struct timespec past = long_ago();
    void *item;
    pthread_t thread = start_taker(&first, queue);
    put(queue, 2, 7);
    pthread_join(thread, NULL);
    assert_status(first.status, POOL_OK);
    assert_int_equal((uintptr_t)first.item, 7);
    assert_status(pool_priority_take(queue, &item, &past), POOL_TIMED_OUT);
    put(queue, 2, 8);
    assert_status(pool_priority_take(queue, &item, &past), POOL_OK); /* the past still tries */
    thread = start_taker(&second, queue);
    assert_status(pool_priority_stop(queue), POOL_OK);
    pthread_join(thread, NULL);
    assert_status(second.status, POOL_STOPPED);
    pool_priority_destroy(queue);
}

struct works {
    struct pool_priority *queue;
    atomic_int taken;
};

static void *put_and_take(void *arg)
{
    struct works *works = arg;
    void *item;
    for (unsigned i = 0; i < 500; i++) {
        while (pool_priority_put(works->queue, i % 3, works) != POOL_OK)
            sched_yield();
        if (pool_priority_take(works->queue, &item, NULL) == POOL_OK && item == works)
            atomic_fetch_add(&works->taken, 1);
    }
    return NULL;
}

static void many_threads_lose_nothing(void **state)
{
    (void)state;
    struct test_clock time;
    struct pool_priority_options options = usual(&time);
    struct works works = {.queue = make(&options)};
    crew_run(put_and_take, &works);
    assert_int_equal(works.taken, CREW * 500); /* who has put one finds one */
    assert_empty(works.queue);
    pool_priority_destroy(works.queue);
}

/* --- the end, and edges --------------------------------------------------------------------------------- */

static void count_discarded(void *item)
{
    (*(int *)item)++;
}

static void what_is_left_at_the_end_goes_to_discard(void **state)
{
    (void)state;
    struct test_clock time;
    struct pool_priority_options options = usual(&time);
    int discarded[6] = {0};
    options.discard = count_discarded;
    struct pool_priority *queue = make(&options);
    for (unsigned i = 0; i < 6; i++)
        assert_status(pool_priority_put(queue, i % 3, &discarded[i]), POOL_OK);
    void *item;
    assert_status(pool_priority_take(queue, &item, NULL), POOL_OK);
    pool_priority_destroy(queue);
    for (int i = 0; i < 6; i++)
        assert_int_equal(discarded[i], &discarded[i] != item);
}

static void what_cannot_be_is_refused(void **state)
{
    (void)state;
    struct test_clock time;
    struct pool_priority *queue;
    void *item;
    struct timespec wrong_time = {.tv_nsec = 1000000000};
    struct pool_priority_options right = usual(&time), wrong[6];
    for (int i = 0; i < 6; i++)
        wrong[i] = right;
    wrong[0].levels = 0;
    wrong[1].items = 0;
    wrong[2].age = 0;
    wrong[3].levels = POOL_PRIORITY_MOST_LEVELS + 1;
    wrong[4].items = POOL_PRIORITY_MOST_ITEMS + 1;
    wrong[5].age = POOL_PRIORITY_MOST_AGE + 1;
    for (int i = 0; i < 6; i++) {
        queue = (struct pool_priority *)&time;
        assert_status(pool_priority_create(&queue, &wrong[i]), POOL_INVALID);
        assert_null(queue);
    }
    assert_status(pool_priority_create(&queue, NULL), POOL_INVALID);
    assert_status(pool_priority_create(NULL, &right), POOL_INVALID);
    queue = make(&right);
    assert_status(pool_priority_put(NULL, 0, NULL), POOL_INVALID);
    assert_status(pool_priority_put(queue, 3, NULL), POOL_INVALID);
    assert_status(pool_priority_take(NULL, &item, NULL), POOL_INVALID);
    assert_status(pool_priority_take(queue, NULL, NULL), POOL_INVALID);
    assert_status(pool_priority_take(queue, &item, &wrong_time), POOL_INVALID);
    assert_status(pool_priority_stop(NULL), POOL_INVALID);
    assert_int_equal(pool_priority_counts(NULL).put, 0);
    assert_int_equal(pool_priority_level(NULL, 0).put, 0);
    put(queue, 0, 1); /* without a discard function what is left is just let go */
    pool_priority_destroy(queue);
    pool_priority_destroy(NULL);
}

static enum pool_status create_one(void **made)
{
    struct pool_priority_options options = {.levels = 2, .items = 2, .age = 1};
    return pool_priority_create((struct pool_priority **)made, &options);
}

static void destroy_one(void *made)
{
    pool_priority_destroy(made);
}

static void memory_runs_out(void **state)
{
    (void)state;
    assert_survives_hunger(create_one, destroy_one);
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        CASE(the_urgent_go_first_and_a_level_keeps_its_order),
        CASE(an_age_is_worth_a_level_to_the_nanosecond),
        CASE(the_promise_holds_for_any_arrivals),
        CASE(with_strict_priority_the_lowest_starves_and_with_ageing_not),
        CASE(a_full_queue_refuses),
        CASE(a_clock_that_steps_back_keeps_the_order),
        CASE(stopped_it_gives_out_what_it_has),
        CASE(a_take_waits_for_an_item_and_for_the_stop),
        CASE(many_threads_lose_nothing),
        CASE(what_is_left_at_the_end_goes_to_discard),
        CASE(what_cannot_be_is_refused),
        CASE(memory_runs_out),
    };
    return cmocka_run_group_tests_name("protection: priority", cases, NULL, NULL);
}
