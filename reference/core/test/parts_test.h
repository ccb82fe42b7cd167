/* parts_test.h - what the tests of the parts beside the pool share: cases with a limit, threads, gates, a
 * clock to wind.
 *
 * No test sleeps to let something happen. Only the main thread may use cmocka's assertions; what another
 * thread must tell goes through its result. Everything is `static inline`, since each program uses a part.
 */
#ifndef DEEPEND_PARTS_TEST_H
#define DEEPEND_PARTS_TEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "clock.h"
#include "status.h"
#include "waitpoint.h"
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

/* Seconds. A backstop for a case that hangs: the process ends by SIGALRM. No judgement about speed. */
#ifndef CASE_LIMIT
#define CASE_LIMIT 300
#endif
static inline int case_begins(void **state)
{
    (void)state;
    alarm(CASE_LIMIT);
    return 0;
}
#define CASE(function) cmocka_unit_test_setup(function, case_begins)

#define assert_status(call, status) assert_string_equal(pool_status_text(call), pool_status_text(status))

/* --- threads -------------------------------------------------------------------------------------------- */

static inline pthread_t thread_start(void *(*start)(void *), void *arg)
{
    pthread_t thread;
    assert_int_equal(pthread_create(&thread, NULL, start, arg), 0);
    return thread;
}

static inline void *thread_join(pthread_t thread)
{
    void *result;
    assert_int_equal(pthread_join(thread, &result), 0);
    return result;
}

static inline void semaphore_wait(sem_t *semaphore)
{
    while (sem_wait(semaphore) != 0)
        ;
}

/* Where a callback stops until the test lets it go on. */
struct gate {
    sem_t arrived, open;
};

static inline void gate_init(struct gate *gate)
{
    sem_init(&gate->arrived, 0, 0);
    sem_init(&gate->open, 0, 0);
}

static inline void gate_release(struct gate *gate)
{
    sem_destroy(&gate->arrived);
    sem_destroy(&gate->open);
}

static inline void gate_pass(void *arg)
{
    struct gate *gate = arg;
    sem_post(&gate->arrived);
    semaphore_wait(&gate->open);
}

/* Look until COUNT threads sleep at POINT. */
static inline void await_sleepers_at(struct pool_waitpoint *point, size_t count)
{
    for (bool there = false; !there; sched_yield()) {
        pool_waitpoint_lock(point);
        there = point->sleepers == count;
        pool_waitpoint_unlock(point);
    }
}

/* --- time ----------------------------------------------------------------------------------------------- */

/* A clock that stands until the test moves it. */
static inline uint64_t hand_clock_now(void *context)
{
    return atomic_load((_Atomic uint64_t *)context);
}

/* MILLISECONDS from now on CLOCK_MONOTONIC; may be negative. */
static inline struct timespec moment_after(long milliseconds)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    now.tv_sec += milliseconds / 1000;
    now.tv_nsec += milliseconds % 1000 * 1000000;
    if (now.tv_nsec >= 1000000000 || now.tv_nsec < 0) {
        long carry = now.tv_nsec < 0 ? -1 : 1;
        now.tv_sec += carry;
        now.tv_nsec -= carry * 1000000000;
    }
    return now;
}

static inline bool moment_has_passed(struct timespec moment)
{
    struct timespec now = moment_after(0);
    return now.tv_sec > moment.tv_sec || (now.tv_sec == moment.tv_sec && now.tv_nsec >= moment.tv_nsec);
}

#endif
