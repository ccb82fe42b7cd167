/* clock.h - the time, as whoever makes a thing wants it told: the system's, or a test's own.
 *
 *     struct pool_clock clock = {.now = read_my_clock, .context = &mine};
 *     pool_breaker_create(&breaker, &(struct pool_breaker_options){.clock = &clock, ...});
 *
 * Everything of the library that decides by time (breakers, buckets, timers, the autoscaler) asks one of
 * these, so that a test or a simulation may run an hour in a moment. Only what sleeps needs the system's own.
 */
#ifndef DEEPEND_POOL_CLOCK_H
#define DEEPEND_POOL_CLOCK_H

#include <stdint.h>
#include <time.h>

#ifdef __cplusplus
extern "C" {
#endif

/* NOW answers nanoseconds since some fixed moment, never less than before. It may be called from any thread,
 * and with a lock of the asking module held: it must not call back into that. */
struct pool_clock {
    uint64_t (*now)(void *context);
    void *context;
};

#define POOL_SECOND      UINT64_C(1000000000)
#define POOL_MILLISECOND UINT64_C(1000000)

/* What CLOCK tells; CLOCK_MONOTONIC when CLOCK is NULL. */
static inline uint64_t pool_clock_now(const struct pool_clock *clock)
{
    struct timespec now;

    if (clock && clock->now)
        return clock->now(clock->context);
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * POOL_SECOND + (uint64_t)now.tv_nsec;
}

#ifdef __cplusplus
}
#endif

#endif
