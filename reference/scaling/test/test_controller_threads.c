/* test_controller_threads.c - callbacks that call the controller, two ticks at once, and bounds that are set
 * during a tick. Where the order matters, a tick is held in a gate.
 */
#include "controller_rig.h"
#include <pthread.h>
#include <sched.h>

/* --- callbacks that call back, and several threads ----------------------------------------------------- */

static void call_everything(struct rig *rig)
{
    struct pool_scale_event event;
    assert_int_equal(pool_controller_tick(rig->controller), POOL_REJECTED);
    assert_int_equal(pool_controller_hold(rig->controller, 8), POOL_OK);
    assert_int_equal(pool_controller_let_go(rig->controller), POOL_OK);
    assert_int_equal(pool_controller_set_bounds(rig->controller, 4, 12), POOL_OK);
    assert_true(pool_controller_state(rig->controller).ticks > 0);
    pool_controller_events(rig->controller, 0, &event, 1);
}

/* A budget lowers the ceiling in the sample callback: this tick's decision already keeps it. */
static void callbacks_may_call_the_controller(void **state)
{
    struct rig rig;
    (void)state;
    rig_make(&rig);
    rig.inside = call_everything;
    assert_int_equal(tick(&rig, 40), 12);
    assert_int_equal(rig.resizes, 1);
    rig_release(&rig);
}

static void lower_the_ceiling(struct rig *rig)
{
    if (rig->resizes == 1)
        assert_int_equal(pool_controller_set_bounds(rig->controller, 4, 12), POOL_OK);
}

/* Bounds that change while a resize is under way: the size is booked as it is, and corrected at the next
 * tick. */
static void bounds_that_change_during_a_resize(void **state)
{
    struct rig rig;
    (void)state;
    rig_make(&rig);
    rig.inside = lower_the_ceiling;
    assert_int_equal(tick(&rig, 40), 40);
    assert_int_equal(tick(&rig, 40), 12);
    rig_release(&rig);
}

static void stop_at_gate(struct rig *rig)
{
    if (rig->samples > 1 || rig->resizes > 0)
        return;
    sem_post(&rig->arrived);
    while (sem_wait(&rig->open) != 0)
        ;
}

static void *tick_once(void *arg)
{
    struct rig *rig = arg;
    return (void *)(intptr_t)pool_controller_tick(rig->controller);
}

static void two_ticks_at_once(void **state)
{
    struct rig rig;
    pthread_t thread;
    void *answer;
    (void)state;
    rig_make(&rig);
    rig.inside = stop_at_gate;
    rig.wish = 20;
    assert_int_equal(pthread_create(&thread, NULL, tick_once, &rig), 0);
    while (sem_wait(&rig.arrived) != 0)
        ;
    assert_int_equal(pool_controller_tick(rig.controller), POOL_REJECTED);
    assert_int_equal(pool_controller_state(rig.controller).ticks, 1); /* asking is never blocked by a tick */
    sem_post(&rig.open);
    pthread_join(thread, &answer);
    assert_int_equal((intptr_t)answer, POOL_OK);
    assert_int_equal(rig.samples, 1);
    assert_int_equal(rig.size, 20);
    rig_release(&rig);
}

static atomic_int bounds_are_set;

static void *set_bounds(void *arg)
{
    struct rig *rig = arg;
    enum pool_status status = pool_controller_set_bounds(rig->controller, 4, 12);
    atomic_store(&bounds_are_set, 1);
    return (void *)(intptr_t)status;
}

/* While a tick is under way, new bounds hold for what it has not chosen yet, and their setter waits for its
 * end. */
static void who_sets_bounds_waits_for_the_tick(void **state)
{
    struct rig rig;
    pthread_t ticker, setter;
    void *answer;
    (void)state;
    rig_make(&rig);
    atomic_store(&bounds_are_set, 0);
    rig.inside = stop_at_gate;
    rig.wish = 40;
    assert_int_equal(pthread_create(&ticker, NULL, tick_once, &rig), 0);
    while (sem_wait(&rig.arrived) != 0)
        ;
    assert_int_equal(pthread_create(&setter, NULL, set_bounds, &rig), 0);
    while (pool_controller_state(rig.controller).ceiling != 12)
        sched_yield();
    assert_int_equal(atomic_load(&bounds_are_set), 0);
    sem_post(&rig.open);
    pthread_join(ticker, &answer);
    assert_int_equal((intptr_t)answer, POOL_OK);
    pthread_join(setter, &answer);
    assert_int_equal((intptr_t)answer, POOL_OK);
    assert_int_equal(rig.size, 12);
    assert_int_equal(rig.most, 12);
    rig_release(&rig);
}

enum { ROUNDS = 2000 };

static void *tick_often(void *arg)
{
    struct rig *rig = arg;
    intptr_t done = 0;
    for (int i = 0; i < ROUNDS; i++)
        done +=
            pool_controller_tick(rig->controller) == POOL_OK; /* the others met one of the other thread's */
    return (void *)done;
}

static void *meddle(void *arg)
{
    struct rig *rig = arg;
    struct pool_scale_event events[8];
    for (int i = 0; i < ROUNDS; i++) {
        pool_controller_hold(rig->controller, 4 + (unsigned)i % 60);
        pool_controller_set_bounds(rig->controller, 4, 40 + (unsigned)i % 24);
        pool_controller_events(rig->controller, 0, events, 8);
        pool_controller_let_go(rig->controller);
        struct pool_controller_state now = pool_controller_state(rig->controller);
        if (now.size < 4 || now.size > 64)
            abort();
    }
    return NULL;
}

static void many_threads(void **state)
{
    struct rig rig;
    pthread_t threads[4];
    uint64_t ticks = 0;
    void *done;
    (void)state;
    rig_make(&rig);
    rig.wish = 50;
    for (int i = 0; i < 4; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, i < 2 ? tick_often : meddle, &rig), 0);
    for (int i = 0; i < 4; i++) {
        assert_int_equal(pthread_join(threads[i], &done), 0);
        ticks += (uintptr_t)done;
    }
    assert_true(rig.most <= 64);
    struct pool_controller_state now = pool_controller_state(rig.controller);
    assert_true(now.ticks == ticks && now.decisions == ticks && ticks > 0);
    assert_int_equal(now.grew + now.shrank, rig.resizes);
    rig_release(&rig);
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        CASE(callbacks_may_call_the_controller),
        CASE(bounds_that_change_during_a_resize),
        CASE(two_ticks_at_once),
        CASE(who_sets_bounds_waits_for_the_tick),
        CASE(many_threads),
    };
    return cmocka_run_group_tests_name("scaling: controller, threads", cases, NULL, NULL);
}
