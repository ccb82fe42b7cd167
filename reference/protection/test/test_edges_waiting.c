/* test_edges_waiting.c - lines that only matter when several wait, when a wait ends by chance, or at its end.
 * Each case fails if the one line that it is about is changed.
 */
/* link: -Wl,--wrap=pthread_cond_timedwait */
#include "admission.h"
#include "fairness.h"
#include "limiter.h"
#include "priority.h"
#include "protection_test.h"
#include <errno.h>
#include <limits.h>
#include <semaphore.h>

static void semaphore_wait(sem_t *semaphore)
{
    while (sem_wait(semaphore) != 0)
        ;
}

/* A wait until this moment lets go of the mutex, says that it is late, and stays until it may say so; the
 * wrapper has no argument for its semaphores. Any other deadline is left to the real call. */
static const struct timespec at_the_gate = {.tv_sec = INT_MAX, .tv_nsec = 7};
static sem_t is_late, may_return;
static atomic_int sleeps,
    by_chance; /* waits that have begun; of the next ones, how many wake for no reason */

int __real_pthread_cond_timedwait(pthread_cond_t *cond, pthread_mutex_t *mutex, const struct timespec *until);

int __wrap_pthread_cond_timedwait(pthread_cond_t *cond, pthread_mutex_t *mutex, const struct timespec *until)
{
    atomic_fetch_add(&sleeps, 1);
    if (atomic_load(&by_chance) > 0 && atomic_fetch_sub(&by_chance, 1) > 0)
        return 0;
    if (until->tv_sec != at_the_gate.tv_sec || until->tv_nsec != at_the_gate.tv_nsec)
        return __real_pthread_cond_timedwait(cond, mutex, until);
    pthread_mutex_unlock(mutex);
    sem_post(&is_late);
    semaphore_wait(&may_return);
    pthread_mutex_lock(mutex);
    return ETIMEDOUT;
}

/* --- limiter: room for two lets two in -------------------------------------------------------------------- */

struct guest {
    struct pool_limiter *limiter;
    pthread_t thread;
    enum pool_status status;
    sem_t inside, leave;
};

static void *stay_inside(void *arg)
{
    struct guest *guest = arg;
    struct pool_limiter_permit permit;
    struct timespec deadline = far_away();
    guest->status = pool_limiter_wait(guest->limiter, &permit, &deadline);
    sem_post(&guest->inside);
    semaphore_wait(&guest->leave);
    if (guest->status == POOL_OK)
        (void)pool_limiter_done(guest->limiter, &permit, POOL_CALL_GOOD);
    return NULL;
}

static void guests_wait(struct guest *guests, unsigned count, struct pool_limiter *limiter)
{
    for (unsigned i = 0; i < count; i++) {
        guests[i] = (struct guest){.limiter = limiter};
        sem_init(&guests[i].inside, 0, 0);
        sem_init(&guests[i].leave, 0, 0);
        assert_int_equal(pthread_create(&guests[i].thread, NULL, stay_inside, &guests[i]), 0);
        while (pool_limiter_counts(limiter).waiting != i + 1)
            sched_yield();
    }
}

static void guests_leave(struct guest *guests, unsigned count, enum pool_status wanted)
{
    for (unsigned i = 0; i < count; i++)
        semaphore_wait(&guests[i].inside);
    for (unsigned i = 0; i < count; i++) {
        sem_post(&guests[i].leave);
        pthread_join(guests[i].thread, NULL);
        assert_status(guests[i].status, wanted);
        sem_destroy(&guests[i].inside);
        sem_destroy(&guests[i].leave);
    }
}

static struct pool_limiter *taken_limiter(struct pool_limiter_permit *mine)
{
    struct pool_limiter *limiter;
    assert_status(pool_limiter_create(&limiter, &(struct pool_limiter_options){.start = 1}), POOL_OK);
    assert_status(pool_limiter_try(limiter, mine), POOL_OK);
    return limiter;
}

static void a_limit_that_grows_by_two_lets_two_in(void **state)
{
    (void)state;
    struct pool_limiter_permit mine;
    struct pool_limiter *limiter = taken_limiter(&mine);
    struct guest guests[2];
    guests_wait(guests, 2, limiter);
    assert_status(pool_limiter_set(limiter, 3), POOL_OK);
    assert_int_equal(pool_limiter_counts(limiter).waiting, 0); /* counted in at once, awake or not */
    assert_int_equal(pool_limiter_counts(limiter).in_flight, 3);
    guests_leave(guests, 2, POOL_OK);
    assert_status(pool_limiter_done(limiter, &mine, POOL_CALL_GOOD), POOL_OK);
    pool_limiter_destroy(limiter);
}

static void a_stop_sends_away_all_who_wait(void **state)
{
    (void)state;
    struct pool_limiter_permit mine;
    struct pool_limiter *limiter = taken_limiter(&mine);
    struct guest guests[2];
    guests_wait(guests, 2, limiter);
    assert_status(pool_limiter_stop(limiter), POOL_OK);
    assert_int_equal(pool_limiter_counts(limiter).waiting, 0);
    guests_leave(guests, 2, POOL_STOPPED);
    assert_status(pool_limiter_done(limiter, &mine, POOL_CALL_GOOD), POOL_OK);
    pool_limiter_destroy(limiter);
}

static void who_wakes_by_chance_stays_in_line(void **state)
{
    (void)state;
    struct pool_limiter_permit mine;
    struct pool_limiter *limiter = taken_limiter(&mine);
    struct guest guest;
    atomic_store(&sleeps, 0);
    atomic_store(&by_chance, 1);
    guests_wait(&guest, 1, limiter);
    while (atomic_load(&sleeps) < 2)
        sched_yield();
    assert_status(pool_limiter_done(limiter, &mine, POOL_CALL_GOOD), POOL_OK);
    guests_leave(&guest, 1, POOL_OK);
    pool_limiter_destroy(limiter);
}

/* --- admission ---------------------------------------------------------------------------------------------- */

struct drainer {
    struct pool_admission *gate;
    pthread_t thread;
    enum pool_status status;
};

static void *drain(void *arg)
{
    struct drainer *drainer = arg;
    struct timespec deadline = far_away();
    drainer->status = pool_admission_drain(drainer->gate, &deadline, NULL);
    return NULL;
}

/* Two drains, one of which wakes by chance while somebody is inside: both wait for the last to leave, and
 * both hear of it. */
static void all_drains_end_with_the_last_one_inside(void **state)
{
    (void)state;
    struct pool_admission_options options = {.limit = 1, .tokens = 1, .period = 1, .burst = 1};
    struct pool_admission_pass inside;
    struct drainer drainers[2];
    atomic_store(&sleeps, 0);
    atomic_store(&by_chance, 1);
    assert_status(pool_admission_create(&drainers[0].gate, &options), POOL_OK);
    assert_status(pool_admission_enter(drainers[0].gate, &inside), POOL_OK);
    for (int i = 0; i < 2; i++) {
        drainers[i].gate = drainers[0].gate;
        assert_int_equal(pthread_create(&drainers[i].thread, NULL, drain, &drainers[i]), 0);
    }
    while (atomic_load(&sleeps) < 3)
        sched_yield();
    assert_status(pool_admission_leave(drainers[0].gate, &inside), POOL_OK);
    for (int i = 0; i < 2; i++) {
        pthread_join(drainers[i].thread, NULL);
        assert_status(drainers[i].status, POOL_OK);
    }
    pool_admission_destroy(drainers[0].gate);
}

/* --- who is late looks once more: the bell may have been for it --------------------------------------------- */

struct taker {
    struct pool_fairness *fair;
    struct pool_priority *queue;
    pthread_t thread;
    enum pool_status status;
};

static void *take_late(void *arg)
{
    struct taker *taker = arg;
    struct pool_fairness_job job;
    void *item;
    if (taker->fair) {
        taker->status = pool_fairness_take(taker->fair, &job, &at_the_gate);
        (void)pool_fairness_done(taker->fair, &job);
    } else {
        taker->status = pool_priority_take(taker->queue, &item, &at_the_gate);
    }
    return NULL;
}

static void who_is_late_to_take_looks_once_more(void **state)
{
    (void)state;
    struct pool_fairness_options fair = {.tenants = 1, .items = 1, .per_tenant = 1, .running = 1};
    struct pool_priority_options queue = {.levels = 1, .items = 1, .age = 1};
    sem_init(&is_late, 0, 0);
    sem_init(&may_return, 0, 0);
    for (int fairly = 0; fairly < 2; fairly++) {
        struct taker taker = {.fair = NULL};
        if (fairly)
            assert_status(pool_fairness_create(&taker.fair, &fair), POOL_OK);
        else
            assert_status(pool_priority_create(&taker.queue, &queue), POOL_OK);
        assert_int_equal(pthread_create(&taker.thread, NULL, take_late, &taker), 0);
        semaphore_wait(&is_late);
        if (fairly)
            assert_status(pool_fairness_put(taker.fair, 7, 1, NULL), POOL_OK);
        else
            assert_status(pool_priority_put(taker.queue, 0, NULL), POOL_OK);
        sem_post(&may_return);
        pthread_join(taker.thread, NULL);
        assert_status(taker.status, POOL_OK);
        pool_fairness_destroy(taker.fair);
        pool_priority_destroy(taker.queue);
    }
    sem_destroy(&is_late);
    sem_destroy(&may_return);
}

static void *take_patiently(void *arg)
{
    struct taker *taker = arg;
    struct timespec deadline = far_away();
    struct pool_fairness_job job;
    void *item;
    taker->status = taker->fair ? pool_fairness_take(taker->fair, &job, &deadline)
                                : pool_priority_take(taker->queue, &item, &deadline);
    return NULL;
}

static size_t takers_waiting(const struct taker *taker)
{
    return taker->fair ? pool_fairness_counts(taker->fair).waiting
                       : pool_priority_counts(taker->queue).waiting;
}

static void a_stop_is_heard_by_all_who_wait(void **state)
{
    (void)state;
    struct pool_fairness_options fair = {.tenants = 1, .items = 1, .per_tenant = 1, .running = 1};
    struct pool_priority_options queue = {.levels = 1, .items = 1, .age = 1};
    for (int fairly = 0; fairly < 2; fairly++) {
        struct taker takers[2] = {{.fair = NULL}};
        if (fairly)
            assert_status(pool_fairness_create(&takers[0].fair, &fair), POOL_OK);
        else
            assert_status(pool_priority_create(&takers[0].queue, &queue), POOL_OK);
        takers[1] = takers[0];
        for (int i = 0; i < 2; i++)
            assert_int_equal(pthread_create(&takers[i].thread, NULL, take_patiently, &takers[i]), 0);
        while (takers_waiting(&takers[0]) != 2)
            sched_yield();
        if (fairly)
            assert_status(pool_fairness_stop(takers[0].fair), POOL_OK);
        else
            assert_status(pool_priority_stop(takers[0].queue), POOL_OK);
        for (int i = 0; i < 2; i++) {
            pthread_join(takers[i].thread, NULL);
            assert_status(takers[i].status, POOL_STOPPED);
        }
        pool_fairness_destroy(takers[0].fair);
        pool_priority_destroy(takers[0].queue);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(a_limit_that_grows_by_two_lets_two_in),   CASE(a_stop_sends_away_all_who_wait),
        CASE(all_drains_end_with_the_last_one_inside), CASE(who_wakes_by_chance_stays_in_line),
        CASE(who_is_late_to_take_looks_once_more),     CASE(a_stop_is_heard_by_all_who_wait),
    };
    return cmocka_run_group_tests_name("protection: edges of waiting", tests, NULL, NULL);
}
