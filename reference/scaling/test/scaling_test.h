/* scaling_test.h - what the tests of this room share: cmocka, a clock that is turned by hand, random numbers.
 *
 * Nothing here sleeps: time is a number that the test adds to. Only the main thread may use cmocka's
 * assertions. Everything is `static inline`, since each test program uses a part of it.
 */
#ifndef DEEPEND_SCALING_TEST_H
#define DEEPEND_SCALING_TEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "clock.h"
#include "status.h"
#include <math.h>
#include <stdatomic.h>
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

/* --- a clock for the test's hand ----------------------------------------------------------------------- */

struct hand_clock {
    struct pool_clock clock;
    atomic_ullong now;
};

static inline uint64_t hand_clock_now(void *context)
{
    return atomic_load((atomic_ullong *)context);
}

static inline void hand_clock_init(struct hand_clock *hand)
{
    hand->clock = (struct pool_clock){.now = hand_clock_now, .context = &hand->now};
    atomic_init(&hand->now, 1000 * POOL_SECOND);
}

static inline void hand_clock_turn(struct hand_clock *hand, uint64_t nanoseconds)
{
    atomic_fetch_add(&hand->now, nanoseconds);
}

/* --- comparing ----------------------------------------------------------------------------------------- */

#define assert_near(value, wanted, tolerance)                                                                \
    assert_near_at((value), (wanted), (tolerance), #value, __FILE__, __LINE__)
static inline void assert_near_at(double value, double wanted, double tolerance, const char *what,
                                  const char *file, int line)
{
    if (fabs(value - wanted) <= tolerance)
        return;
    print_error("%s is %.10g, not %.10g +- %.3g\n", what, value, wanted, tolerance);
    _fail(file, line);
}

#define assert_nan(value) assert_true(isnan(value))

/* --- random numbers ------------------------------------------------------------------------------------ */

/* splitmix64 (Steele, Lea, Flood, OOPSLA 2014): the same on every machine for the same seed. */
static inline uint64_t random_next(uint64_t *state)
{
    uint64_t z = *state += UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return z ^ z >> 31;
}

/* In (0, 1]. */
static inline double random_share(uint64_t *state)
{
    return (double)((random_next(state) >> 11) + 1) * 0x1p-53;
}

static inline double random_exponential(uint64_t *state, double mean)
{
    return -mean * log(random_share(state));
}

#endif
