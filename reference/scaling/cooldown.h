/* cooldown.h - how long a size must stand before it may change again, for each direction.
 *
 *     struct pool_cooldown cooldown;
 *     pool_cooldown_init(&cooldown, 2 * POOL_SECOND, 30 * POOL_SECOND);
 *     if (pool_cooldown_allows(&cooldown, POOL_GROW, now)) {
 *         resize;
 *         pool_cooldown_moved(&cooldown, POOL_GROW, now);
 *     }
 *
 * Growth waits for the last growth only: after a shrink that was a mistake it comes at once. A shrink waits
 * for the last move in either direction: what was just added gets its time to help. So there are at most 60 s
 * / up + 60 s / down moves a minute. Which of the two should be long depends on which side is expensive: too
 * few workers cost waiting (quick up, slow down), too many cost whoever shares the resource (X08).
 *
 * Plain state, owner thread only. Times are nanoseconds of the caller's clock; one that goes back counts as
 * standing.
 */
#ifndef DEEPEND_POOL_COOLDOWN_H
#define DEEPEND_POOL_COOLDOWN_H

#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

enum pool_direction { POOL_GROW, POOL_SHRINK, POOL_DIRECTIONS };

struct pool_cooldown {
    uint64_t wait[POOL_DIRECTIONS];  /* 0: none */
    uint64_t moved[POOL_DIRECTIONS]; /* when last */
    bool ever[POOL_DIRECTIONS];
};

void pool_cooldown_init(struct pool_cooldown *cooldown, uint64_t up, uint64_t down);

/* True if nothing that DIRECTION waits for happened within its time. The first move is free. */
bool pool_cooldown_allows(const struct pool_cooldown *cooldown, enum pool_direction direction, uint64_t now);

void pool_cooldown_moved(struct pool_cooldown *cooldown, enum pool_direction direction, uint64_t now);

#ifdef __cplusplus
}
#endif

#endif
