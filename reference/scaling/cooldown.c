/* cooldown.c - two times and two waits; see cooldown.h for which waits for which. */
#include "cooldown.h"

void pool_cooldown_init(struct pool_cooldown *cooldown, uint64_t up, uint64_t down)
{
    *cooldown = (struct pool_cooldown){.wait = {[POOL_GROW] = up, [POOL_SHRINK] = down}};
}

/* Has WAIT passed since the last move in DIRECTION? */
static bool rested(const struct pool_cooldown *cooldown, enum pool_direction direction, uint64_t wait,
                   uint64_t now)
{
    uint64_t moved = cooldown->moved[direction];
    return !cooldown->ever[direction] || wait == 0 || (now > moved && now - moved >= wait);
}

bool pool_cooldown_allows(const struct pool_cooldown *cooldown, enum pool_direction direction, uint64_t now)
{
    uint64_t wait = cooldown->wait[direction];
    return rested(cooldown, direction, wait, now) &&
           (direction == POOL_GROW || rested(cooldown, POOL_GROW, wait, now));
}

void pool_cooldown_moved(struct pool_cooldown *cooldown, enum pool_direction direction, uint64_t now)
{
    if (!cooldown->ever[direction] || now > cooldown->moved[direction])
        cooldown->moved[direction] = now;
    cooldown->ever[direction] = true;
}
