/* coordination_test.h - what this room's tests share: gates, calls in other threads, waiting for a count.
 *
 * As in core, no test sleeps to let something happen: a gate holds a thread where the test wants it, and
 * AWAIT looks at a module's own counts until they say that somebody waits. A count that says so was written
 * under the lock which that thread only lets go of by sleeping. Only the main thread may use cmocka's
 * assertions.
 */
#ifndef DEEPEND_COORDINATION_TEST_H
#define DEEPEND_COORDINATION_TEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "pool.h"
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
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

/* Look until CONDITION holds. */
#define AWAIT(condition)                                                                                     \
    do                                                                                                       \
        sched_yield();                                                                                       \
    while (!(condition))

/* --- gates -------------------------------------------------------------------------------------------- */

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

static inline void semaphore_wait(sem_t *semaphore)
{
    while (sem_wait(semaphore) != 0)
        ;
}

/* Say that it has been reached, stay until somebody opens it. */
static inline void gate_pass(void *arg)
{
    struct gate *gate = arg;
    sem_post(&gate->arrived);
    semaphore_wait(&gate->open);
}

static inline void gate_await(struct gate *gate)
{
    semaphore_wait(&gate->arrived);
}

static inline void gate_open(struct gate *gate)
{
    sem_post(&gate->open);
}

/* --- a call in a thread of its own -------------------------------------------------------------------- */

struct call {
    pthread_t thread;
    enum pool_status (*function)(void *arg);
    void *arg;
    enum pool_status status;
    atomic_bool returned;
};

static inline void *call_main(void *arg)
{
    struct call *call = arg;
    call->status = call->function(call->arg);
    atomic_store(&call->returned, true);
    return NULL;
}

static inline void call_start(struct call *call, enum pool_status (*function)(void *arg), void *arg)
{
    *call = (struct call){.function = function, .arg = arg};
    assert_int_equal(pthread_create(&call->thread, NULL, call_main, call), 0);
}

static inline enum pool_status call_join(struct call *call)
{
    pthread_join(call->thread, NULL);
    return call->status;
}

/* --- deadlines, all far from any doubt ---------------------------------------------------------------- */

static inline struct timespec far_away(void)
{
    return pool_deadline_after(3600 * 1000);
}

static inline struct timespec in_the_past(void)
{
    return pool_deadline_after(-1000);
}

static const struct timespec no_deadline = {.tv_nsec = 1000000000}; /* a nanosecond too many */

#endif
