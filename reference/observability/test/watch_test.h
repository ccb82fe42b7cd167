/* watch_test.h - what this room's tests share: cases with a limit, gates, a clock of the test's own, a way to
 * look for text.
 *
 * Only the main thread may use cmocka's assertions. Here everything is `static inline`, since each test
 * program uses a part of it.
 */
#ifndef DEEPEND_WATCH_TEST_H
#define DEEPEND_WATCH_TEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "clock.h"
#include "status.h"
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

#define COUNT(array) (sizeof(array) / sizeof *(array))

/* --- gates -------------------------------------------------------------------------------------------- */

struct gate {
    sem_t arrived, open;
};

static inline void semaphore_wait(sem_t *semaphore)
{
    while (sem_wait(semaphore) != 0)
        ;
}

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

/* Say that it has been reached, stay until somebody opens it. */
static inline void gate_pass(struct gate *gate)
{
    sem_post(&gate->arrived);
    semaphore_wait(&gate->open);
}

/* --- time --------------------------------------------------------------------------------------------- */

/* A clock that moves when the test says so. */
struct test_clock {
    atomic_uint_fast64_t now;
};

static inline uint64_t test_clock_now(void *context)
{
    return atomic_load(&((struct test_clock *)context)->now);
}

static inline struct pool_clock test_clock(struct test_clock *clock)
{
    return (struct pool_clock){.now = test_clock_now, .context = clock};
}

/* --- random numbers ------------------------------------------------------------------------------------- */

/* The seed of this run: argument 1, or fixed. Always printed. */
static inline uint64_t test_seed(int argc, char **argv)
{
    uint64_t seed = argc > 1 ? strtoull(argv[1], NULL, 0) : 20240131;
    printf("seed %llu\n", (unsigned long long)seed);
    return seed;
}

/* splitmix64 (Steele, Lea, Flood 2014). */
static inline uint64_t test_random(uint64_t *state)
{
    uint64_t mixed = *state += UINT64_C(0x9E3779B97F4A7C15);
    mixed = (mixed ^ (mixed >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
    mixed = (mixed ^ (mixed >> 27)) * UINT64_C(0x94D049BB133111EB);
    return mixed ^ (mixed >> 31);
}

static inline uint64_t test_random_below(uint64_t *state, uint64_t limit)
{
    return test_random(state) % limit;
}

#endif
