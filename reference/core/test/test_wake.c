/* test_wake.c - who is woken, and how often: never too few, never one for whom there is nothing to do.
 *
 * pthread_cond_signal is wrapped at link time and counted; nothing is broadcast. What a sleeper does after it
 * was woken by chance (POSIX allows that at any time) is not counted, only who is rung for.
 */
/* link: -Wl,--wrap=pthread_cond_signal */
#include "core_test.h"

enum { SLEEPERS = 3 };

/* The wrapper has no argument for these, so they have to be global. */
static atomic_int signals;
static const pthread_cond_t *_Atomic signalled[SLEEPERS]; /* by the first of them */

int __real_pthread_cond_signal(pthread_cond_t *cond);

int __wrap_pthread_cond_signal(pthread_cond_t *cond)
{
    int before = atomic_fetch_add(&signals, 1);
    if (before < SLEEPERS)
        atomic_store(&signalled[before], cond);
    return __real_pthread_cond_signal(cond);
}

static void count_from_here(void)
{
    atomic_store(&signals, 0);
}

static void assert_rung(int wanted)
{
    assert_int_equal(signals, wanted);
}

/* --- a bell alone -----------------------------------------------------------------------------------------
 */

struct counter {
    struct lock lock;
    int coins;        /* guarded by lock */
    struct bell coin; /* rung when: coins > 0 */
};

static void counter_init(struct counter *counter)
{
    lock_init(&counter->lock);
    bell_init(&counter->coin, &counter->lock);
    counter->coins = 0;
}

static void counter_release(struct counter *counter)
{
    bell_release(&counter->coin);
    lock_release(&counter->lock);
}

static void *take_coin(void *arg)
{
    struct counter *counter = arg;
    lock_take(&counter->lock);
    while (counter->coins == 0)
        bell_wait(&counter->coin, NULL);
    counter->coins--;
    lock_drop(&counter->lock);
    return NULL;
}

static void counter_await(struct counter *counter, size_t sleepers)
{
    for (bool there = false; !there; sched_yield()) {
        lock_take(&counter->lock);
        there = counter->coin.waiting == sleepers && bell_line(&counter->coin) == sleepers;
        lock_drop(&counter->lock);
    }
}

static void a_bell_wakes_as_many_as_sleep(void **state)
{
    (void)state;
    struct counter counter;
    pthread_t threads[SLEEPERS];
    counter_init(&counter);
    count_from_here();
    lock_take(&counter.lock);
    bell_ring(&counter.coin);
    bell_ring_all(&counter.coin);
    lock_drop(&counter.lock);
    assert_rung(0); /* nobody sleeps */

    for (int i = 0; i < SLEEPERS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, take_coin, &counter), 0);
    counter_await(&counter, SLEEPERS);
    lock_take(&counter.lock); /* while this thread has the lock, nobody can answer */
    counter.coins = SLEEPERS;
    for (int i = 0; i < SLEEPERS + 2; i++)
        bell_ring(&counter.coin);
    bell_ring_all(&counter.coin);
    assert_true(counter.coin.waiting == SLEEPERS && bell_line(&counter.coin) == 0);
    lock_drop(&counter.lock);
    for (int i = 0; i < SLEEPERS; i++)
        pthread_join(threads[i], NULL);
    assert_rung(SLEEPERS);
    assert_int_equal(counter.coins, 0);
    assert_int_equal(counter.coin.waiting, 0);
    counter_release(&counter);
}

static void a_bell_wakes_all_at_once(void **state)
{
    (void)state;
    struct counter counter;
    pthread_t threads[SLEEPERS];
    counter_init(&counter);
    for (int i = 0; i < SLEEPERS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, take_coin, &counter), 0);
    counter_await(&counter, SLEEPERS);
    count_from_here();
    lock_take(&counter.lock);
    counter.coins = SLEEPERS;
    bell_ring(&counter.coin);
    bell_ring_all(&counter.coin); /* one is on its way, the others are not */
    bell_ring_all(&counter.coin);
    lock_drop(&counter.lock);
    for (int i = 0; i < SLEEPERS; i++)
        pthread_join(threads[i], NULL);
    assert_rung(SLEEPERS); /* each once */
    counter_release(&counter);
}

/* One condition variable for several could give the signal for one to another, or lose it. */
static void a_ring_is_for_one_and_the_first_in_line(void **state)
{
    (void)state;
    struct counter counter;
    pthread_t threads[SLEEPERS];
    const struct sleeper *line[SLEEPERS];
    const pthread_cond_t *conds[SLEEPERS];
    counter_init(&counter);
    for (size_t i = 0; i < SLEEPERS; i++) {
        assert_int_equal(pthread_create(&threads[i], NULL, take_coin, &counter), 0);
        counter_await(&counter, i + 1); /* they come one by one */
        lock_take(&counter.lock);
        line[i] = counter.coin.last;
        conds[i] = &line[i]->cond;
        lock_drop(&counter.lock);
    }
    count_from_here();
    lock_take(&counter.lock);
    counter.coins = SLEEPERS;
    for (size_t i = 0; i < SLEEPERS; i++) {
        assert_ptr_equal(counter.coin.first, line[i]);
        bell_ring(&counter.coin);
        assert_true(line[i]->called && bell_line(&counter.coin) == SLEEPERS - 1 - i);
        assert_ptr_equal(signalled[i], conds[i]);
    }
    lock_drop(&counter.lock);
    for (int i = 0; i < SLEEPERS; i++)
        pthread_join(threads[i], NULL);
    assert_rung(SLEEPERS);
    counter_release(&counter);
}

struct hurried {
    struct counter *counter;
    struct timespec deadline;
    bool got;
};

/* As a timed submit does it: one more look after the deadline. */
static void *take_coin_in_time(void *arg)
{
    struct hurried *hurried = arg;
    struct counter *counter = hurried->counter;
    int late = 0;
    lock_take(&counter->lock);
    while (counter->coins == 0 && !late)
        late = bell_wait(&counter->coin, &hurried->deadline);
    hurried->got = counter->coins > 0;
    counter->coins -= hurried->got;
    lock_drop(&counter->lock);
    return NULL;
}

static void give_coin(struct counter *counter)
{
    lock_take(&counter->lock);
    counter->coins++;
    bell_ring(&counter->coin);
    lock_drop(&counter->lock);
}

/* Two sleep, one of them with a deadline that passes about when the one coin comes. Whoever the ring reaches,
 * the coin is taken: if the hurried one leaves without it, the patient one has it, or this hangs. */
static void a_timeout_loses_no_ring(void **state)
{
    (void)state;
    for (int round = 0; round < 200; round++) {
        struct counter counter;
        struct hurried hurried = {.counter = &counter, .deadline = pool_deadline_after(1)};
        pthread_t patient_thread, hurried_thread;
        counter_init(&counter);
        assert_int_equal(pthread_create(&hurried_thread, NULL, take_coin_in_time, &hurried), 0);
        assert_int_equal(pthread_create(&patient_thread, NULL, take_coin, &counter), 0);
        while (!has_passed(hurried.deadline))
            sched_yield();
        give_coin(&counter);
        pthread_join(hurried_thread, NULL);
        if (hurried.got)
            give_coin(&counter);
        pthread_join(patient_thread, NULL);
        assert_int_equal(counter.coins, 0);
        counter_release(&counter);
    }
}

/* --- the pool ---------------------------------------------------------------------------------------------
 */

static void a_submit_wakes_nobody_while_all_work(void **state)
{
    (void)state;
    struct token tokens[9] = {0};
    struct gate gate;
    struct pool *pool = pool_make(1, 8);
    hold_worker(pool, &gate);
    count_from_here();
    assert_int_equal(fill(pool, tokens), 8);
    assert_rung(0);
    gate_open(&gate);
    await_idle(pool); /* nor does a worker that makes room for nobody */
    assert_rung(0);
    pool_destroy(pool);
    gate_release(&gate);
}

static void a_submit_wakes_one_idle_worker(void **state)
{
    (void)state;
    struct gate gate;
    struct pool *pool = pool_make(SLEEPERS, 8);
    gate_init(&gate);
    for (size_t idle = SLEEPERS; idle > 0; idle--) {
        await_idle_workers(pool, idle);
        count_from_here();
        assert_int_equal(pool_submit(pool, gate_pass, &gate), POOL_OK);
        semaphore_wait(&gate.arrived);
        assert_rung(1);
    }
    for (int i = 0; i < SLEEPERS; i++)
        gate_open(&gate);
    pool_destroy(pool);
    gate_release(&gate);
}

static void a_free_slot_wakes_one_submitter(void **state)
{
    (void)state;
    enum { BLOCKED = 3 };
    struct token tokens[BLOCKED] = {0};
    struct call calls[BLOCKED];
    struct gate first, second;
    struct pool *pool = pool_make(1, 1);
    hold_worker(pool, &first);
    gate_init(&second);
    assert_int_equal(pool_submit(pool, gate_pass, &second), POOL_OK);
    for (int i = 0; i < BLOCKED; i++)
        call_submit(&calls[i], pool_submit, pool, token_run, &tokens[i]);
    await_sleepers(pool, &pool->room, BLOCKED);
    count_from_here();
    gate_open(&first); /* the worker goes on to the second gate: one slot is free */
    await_sleepers(pool, &pool->room, BLOCKED - 1);
    assert_rung(1);
    assert_int_equal(pool_counts(pool).queued, 1);
    gate_open(&second);
    for (int i = 0; i < BLOCKED; i++)
        assert_int_equal(call_join(&calls[i]), POOL_OK);
    pool_destroy(pool);
    gate_release(&first);
    gate_release(&second);
}

static void the_end_of_a_task_wakes_only_its_submitter(void **state)
{
    (void)state;
    struct gate first, second;
    struct call calls[2];
    struct pool *pool = pool_make(2, 2);
    gate_init(&first);
    gate_init(&second);
    call_submit(&calls[0], pool_submit_wait, pool, gate_pass, &first);
    semaphore_wait(&first.arrived);
    call_submit(&calls[1], pool_submit_wait, pool, gate_pass, &second);
    semaphore_wait(&second.arrived);
    count_from_here();
    gate_open(&first);
    assert_int_equal(call_join(&calls[0]), POOL_OK);
    assert_rung(1);
    assert_false(calls[1].returned);
    gate_open(&second);
    assert_int_equal(call_join(&calls[1]), POOL_OK);
    pool_destroy(pool);
    gate_release(&first);
    gate_release(&second);
}

static void the_end_wakes_one_to_join_and_then_the_others(void **state)
{
    (void)state;
    struct call calls[SLEEPERS];
    struct gate gate;
    struct pool *pool = pool_make(1, 1);
    hold_worker(pool, &gate);
    for (int i = 0; i < SLEEPERS; i++)
        call_end(&calls[i], i % 2 ? pool_drain : pool_stop, pool);
    await_sleepers(pool, &pool->ended, SLEEPERS);
    count_from_here();
    gate_open(&gate);
    for (int i = 0; i < SLEEPERS; i++)
        assert_int_equal(call_join(&calls[i]), POOL_OK);
    assert_rung(SLEEPERS); /* each once */
    pool_destroy(pool);
    gate_release(&gate);
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        CASE(a_bell_wakes_as_many_as_sleep),
        CASE(a_bell_wakes_all_at_once),
        CASE(a_ring_is_for_one_and_the_first_in_line),
        CASE(a_timeout_loses_no_ring),
        CASE(a_submit_wakes_nobody_while_all_work),
        CASE(a_submit_wakes_one_idle_worker),
        CASE(a_free_slot_wakes_one_submitter),
        CASE(the_end_of_a_task_wakes_only_its_submitter),
        CASE(the_end_wakes_one_to_join_and_then_the_others),
    };
    return cmocka_run_group_tests_name("core: wake", cases, NULL, NULL);
}
