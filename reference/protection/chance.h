/* chance.h - seeded chance for jitter and spread: splitmix64 and an unbiased number below a bound. Private to
 * this room.
 *
 * The generator is Sebastiano Vigna's splitmix64 (2015, after Steele, Lea, Flood, "Fast splittable
 * pseudorandom number generators", OOPSLA 2014): any seed will do, 0 as well, and neighbouring seeds give
 * unlike streams. Good enough to spread retries, not for secrets. Not thread-safe: the state is the caller's.
 */
#ifndef DEEPEND_POOL_CHANCE_H
#define DEEPEND_POOL_CHANCE_H

#include <stdint.h>

static inline uint64_t pool_chance_next(uint64_t *state)
{
    uint64_t mixed = *state += UINT64_C(0x9e3779b97f4a7c15);
    mixed = (mixed ^ (mixed >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    mixed = (mixed ^ (mixed >> 27)) * UINT64_C(0x94d049bb133111eb);
    return mixed ^ (mixed >> 31);
}

/* A number from 0 to LAST, each equally likely: draws from the incomplete last run of remainders are thrown
 * away. */
static inline uint64_t pool_chance_up_to(uint64_t *state, uint64_t last)
{
    uint64_t drawn = pool_chance_next(state);
    if (last == UINT64_MAX)
        return drawn;
    uint64_t count = last + 1;
    uint64_t unfair = -count % count; /* 2^64 modulo count */
    while (drawn < unfair)
        drawn = pool_chance_next(state);
    return drawn % count;
}

#endif
