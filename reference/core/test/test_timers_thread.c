/* test_timers_thread.c - timers with a thread of their own, and several threads around them.
 *
 * Nothing here asserts how late a timer runs; only that it does, and not early. It includes timers.c to see
 * who sleeps where.
 */
/* link: -Wl,--wrap=pthread_join */
#include "../timers.c" /* NOLINT: the inside is tested */

#include "parts_test.h"

/* The wrapper has no argument for this, so it has to be global. */
static struct gate *_Atomic join_gate; /* where the next join stops; NULL: none does */

int __real_pthread_join(pthread_t thread, void **result);
int __wrap_pthread_join(pthread_t thread, void **result)
{
    struct gate *gate = atomic_exchange(&join_gate, NULL);
    if (gate)
        gate_pass(gate);
    return __real_pthread_join(thread, result);
}

static void await_sleepers(struct pool_timers *timers, const struct bell *bell, size_t count)
{
    for (bool there = false; !there; sched_yield()) {
        lock_take(&timers->lock);
        there = bell->waiting == count && bell_line(bell) == count;
        lock_drop(&timers->lock);
    }
}

struct scene {
    struct pool_timers *timers;
    struct pool_timer timer;
    struct gate gate;
    atomic_int calls;
    atomic_bool early, returned;
    atomic_int saw_returned; /* threads that came back after the callback had */
    enum pool_status answer;
};

static void scene_set(struct scene *scene, enum pool_timers_driver driver)
{
    *scene = (struct scene){.answer = POOL_OK};
    struct pool_timers_options options = {.driver = driver};
    assert_status(pool_timers_create(&scene->timers, &options), POOL_OK);
    gate_init(&scene->gate);
}

static void scene_clear(struct scene *scene)
{
    pool_timers_destroy(scene->timers);
    gate_release(&scene->gate);
}

/* In so many milliseconds. */
static void add(struct scene *scene, uint64_t after, uint64_t period, pool_timer_run *run)
{
    uint64_t due = pool_clock_now(NULL) + after * POOL_MILLISECOND;
    assert_status(pool_timers_add(scene->timers, &scene->timer, due, period * POOL_MILLISECOND, run, scene),
                  POOL_OK);
}

static void post(void *arg, const struct pool_tick *tick)
{
    struct scene *scene = arg;
    if (pool_clock_now(NULL) < tick->due || tick->now < tick->due)
        atomic_store(&scene->early, true);
    atomic_fetch_add(&scene->calls, 1);
    sem_post(&scene->gate.arrived);
}

static void stay(void *arg, const struct pool_tick *tick)
{
    struct scene *scene = arg;
    (void)tick;
    atomic_fetch_add(&scene->calls, 1);
    gate_pass(&scene->gate);
    atomic_store(&scene->returned, true);
}

static void the_thread_calls_them(void **state)
{
    (void)state;
    struct scene scene;
    scene_set(&scene, POOL_TIMERS_THREAD);
    add(&scene, 3, 0, post);
    semaphore_wait(&scene.gate.arrived);
    add(&scene, 0, 1, post); /* the same timer again, now with a period */
    for (int i = 0; i < 5; i++)
        semaphore_wait(&scene.gate.arrived);
    assert_status(pool_timers_cancel(scene.timers, &scene.timer), POOL_OK);
    assert_false(scene.early);
    assert_true(scene.calls >= 6);
    scene_clear(&scene);
}

static void an_earlier_one_wakes_the_thread(void **state)
{
    (void)state;
    struct scene scene;
    struct pool_timer far = {0};
    uint64_t later = pool_clock_now(NULL) + 3600 * POOL_SECOND;
    struct pool_timers_options options = {.driver = POOL_TIMERS_THREAD, .clock = &(struct pool_clock){0}};
    scene_set(&scene, POOL_TIMERS_THREAD);
    pool_timers_destroy(scene.timers); /* and made anew, with a clock that is none */
    assert_status(pool_timers_create(&scene.timers, &options), POOL_OK);
    assert_status(pool_timers_add(scene.timers, &far, later, 0, post, &scene), POOL_OK);
    for (int i = 0; i < 20; i++) {
        await_sleepers(scene.timers, &scene.timers->earlier, 1);
        add(&scene, i % 2, 0, post);
        semaphore_wait(&scene.gate.arrived);
    }
    assert_int_equal(scene.calls, 20);
    assert_int_equal(pool_timers_count(scene.timers), 1);
    scene_clear(&scene);
    assert_int_equal(far.place, 0);
}

static void *stop_it(void *arg)
{
    struct scene *scene = arg;
    enum pool_status status = pool_timers_stop(scene->timers);
    atomic_fetch_add(&scene->saw_returned, atomic_load(&scene->returned));
    return (void *)(intptr_t)status;
}

static void *poll_once(void *arg)
{
    struct scene *scene = arg;
    return (void *)pool_timers_poll(scene->timers, NULL);
}

/* Two stops at once, while a callback runs: both return when it has returned, and the thread is joined. */
static void stop_waits_for_the_callback(void **state)
{
    (void)state;
    for (int driver = POOL_TIMERS_THREAD; driver <= POOL_TIMERS_POLLED; driver++) {
        struct scene scene;
        struct pool_timer late = {0};
        pthread_t stops[2], poller = pthread_self();
        scene_set(&scene, (enum pool_timers_driver)driver);
        add(&scene, 0, 1, stay);
        if (driver == POOL_TIMERS_POLLED)
            poller = thread_start(poll_once, &scene);
        semaphore_wait(&scene.gate.arrived);
        for (int i = 0; i < 2; i++)
            stops[i] = thread_start(stop_it, &scene);
        await_sleepers(scene.timers, &scene.timers->ended, 2);
        assert_status(pool_timers_add(scene.timers, &late, 0, 0, post, &scene), POOL_STOPPED);
        sem_post(&scene.gate.open);
        for (int i = 0; i < 2; i++)
            assert_status((enum pool_status)(intptr_t)thread_join(stops[i]), POOL_OK);
        assert_int_equal(scene.saw_returned, 2);
        if (driver == POOL_TIMERS_POLLED)
            thread_join(poller);
        assert_int_equal(scene.calls, 1);
        assert_int_equal(scene.timer.place, 0);
        scene_clear(&scene);
    }
}

/* One joins; who comes meanwhile waits for it, and does not join again. */
static void only_one_stop_joins(void **state)
{
    (void)state;
    struct scene scene;
    scene_set(&scene, POOL_TIMERS_THREAD);
    atomic_store(&join_gate, &scene.gate);
    pthread_t first = thread_start(stop_it, &scene);
    semaphore_wait(&scene.gate.arrived);
    assert_int_equal(pool_timers_count(scene.timers), 0); /* nobody is kept out meanwhile */
    pthread_t second = thread_start(stop_it, &scene);
    await_sleepers(scene.timers, &scene.timers->ended, 1);
    sem_post(&scene.gate.open);
    assert_status((enum pool_status)(intptr_t)thread_join(first), POOL_OK);
    assert_status((enum pool_status)(intptr_t)thread_join(second), POOL_OK);
    scene_clear(&scene);
}

static void *cancel_it(void *arg)
{
    struct scene *scene = arg;
    enum pool_status status = pool_timers_cancel(scene->timers, &scene->timer);
    atomic_fetch_add(&scene->saw_returned, atomic_load(&scene->returned));
    return (void *)(intptr_t)status;
}

static void stay_and_add_again(void *arg, const struct pool_tick *tick)
{
    struct scene *scene = arg;
    stay(arg, tick);
    scene->answer = pool_timers_add(scene->timers, &scene->timer, 0, 0, stay_and_add_again, arg);
}

/* Once with a period, and once a timer that tries to add itself again while the cancel waits for it. */
static void cancel_waits_for_the_callback(void **state)
{
    (void)state;
    for (int again = 0; again < 2; again++) {
        struct scene scene;
        scene_set(&scene, POOL_TIMERS_THREAD);
        add(&scene, 0, again ? 0 : 1, again ? stay_and_add_again : stay);
        semaphore_wait(&scene.gate.arrived);
        pthread_t canceller = thread_start(cancel_it, &scene);
        await_sleepers(scene.timers, &scene.timers->ended, 1);
        assert_false(scene.returned);
        sem_post(&scene.gate.open);
        assert_status((enum pool_status)(intptr_t)thread_join(canceller), again ? POOL_ALREADY : POOL_OK);
        assert_true(scene.saw_returned);
        assert_status(scene.answer, again ? POOL_CANCELLED : POOL_OK);
        assert_int_equal(pool_timers_count(scene.timers), 0);
        assert_int_equal(scene.calls, 1);
        scene_clear(&scene);
    }
}

static void cancel_add_and_stay(void *arg, const struct pool_tick *tick)
{
    struct scene *scene = arg;
    pool_timers_cancel(scene->timers, &scene->timer);
    scene->answer = pool_timers_add(scene->timers, &scene->timer, UINT64_MAX, 0, post, scene);
    stay(arg, tick);
}

/* Cancelled from inside, the timer has no more to do with the callback: nobody waits for that. */
static void a_timer_taken_back_inside_is_another_one(void **state)
{
    (void)state;
    struct scene scene;
    scene_set(&scene, POOL_TIMERS_THREAD);
    add(&scene, 0, 1, cancel_add_and_stay);
    semaphore_wait(&scene.gate.arrived);
    assert_status(scene.answer, POOL_OK);
    assert_status(pool_timers_cancel(scene.timers, &scene.timer), POOL_OK);
    assert_false(scene.returned);
    sem_post(&scene.gate.open);
    scene_clear(&scene);
    assert_int_equal(scene.calls, 1);
}

/* Of two that poll, the one that comes while a callback runs calls the others, never that one again. */
static void two_may_poll_at_once(void **state)
{
    (void)state;
    struct scene scene, other;
    scene_set(&scene, POOL_TIMERS_POLLED);
    scene_set(&other, POOL_TIMERS_POLLED);
    pool_timers_destroy(other.timers);
    other.timers = scene.timers;
    add(&scene, 0, 1, stay);
    pthread_t poller = thread_start(poll_once, &scene);
    semaphore_wait(&scene.gate.arrived);
    add(&other, 0, 0, stay);
    pthread_t second = thread_start(poll_once, &scene);
    semaphore_wait(&other.gate.arrived);
    assert_int_equal(pool_timers_poll(scene.timers, NULL), 0);
    sem_post(&scene.gate.open); /* who came first leaves first; the other is still known */
    assert_int_equal((intptr_t)thread_join(poller), 1);
    pthread_t canceller = thread_start(cancel_it, &other);
    await_sleepers(scene.timers, &scene.timers->ended, 1);
    sem_post(&other.gate.open);
    assert_int_equal((intptr_t)thread_join(second), 1);
    assert_status((enum pool_status)(intptr_t)thread_join(canceller), POOL_ALREADY);
    assert_true(other.saw_returned);
    assert_int_equal(pool_timers_count(scene.timers), 1); /* the one with a period is back */
    scene_clear(&scene);
    gate_release(&other.gate);
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        CASE(the_thread_calls_them),         CASE(an_earlier_one_wakes_the_thread),
        CASE(stop_waits_for_the_callback),   CASE(only_one_stop_joins),
        CASE(cancel_waits_for_the_callback), CASE(a_timer_taken_back_inside_is_another_one),
        CASE(two_may_poll_at_once),
    };
    return cmocka_run_group_tests_name("core: timers, threads", cases, NULL, NULL);
}
