/* fan.c - map, quorum and first: one engine, which needs NEED successes out of COUNT calls.
 *
 * A round is what the helpers and the caller share: who is free takes the next index from a counter, so there
 * is one task for each helper and not one for each call. The group is there for its threads, its cancel and
 * its wait, which runs the helpers that the pool has not begun (they find nothing to do): so nobody waits for
 * the pool's queue.
 */
#include "fan.h"

#include <stdatomic.h>
#include <stdbool.h>

struct round {
    /* Fixed. */
    const struct pool_fan *fan;
    struct pool_group *group;
    size_t count, need;
    struct pool_fan_slot *slots; /* each written by the one thread that has taken its index */

    /* Atomic; the default order, since no call is so short that it mattered. */
    atomic_size_t next; /* the first index that nobody has taken; COUNT: none is left */
    atomic_size_t succeeded, failed;
    atomic_size_t winner; /* the first that went well */
};

/* False: none is left. Never beyond COUNT, however many ask: so it cannot overflow. */
static bool take_index(struct round *round, size_t *index)
{
    *index = atomic_load(&round->next);
    while (*index < round->count)
        if (atomic_compare_exchange_weak(&round->next, index, *index + 1))
            return true;
    return false;
}

/* No more begin; those that run are told. */
static void decide(struct round *round)
{
    pool_group_cancel(round->group);
}

static void book(struct round *round, size_t index, int error)
{
    if (error != 0) {
        if (atomic_fetch_add(&round->failed, 1) + 1 > round->count - round->need)
            decide(round);
        return;
    }
    size_t before = atomic_fetch_add(&round->succeeded, 1);
    if (before == 0)
        atomic_store(&round->winner, index);
    if (before + 1 >= round->need)
        decide(round);
}

static void work(struct round *round)
{
    const struct pool_fan *fan = round->fan;
    size_t index;

    while (!pool_group_is_cancelled(round->group) && take_index(round, &index)) {
        struct pool_fan_slot slot = {.status = POOL_OK};
        slot.error = fan->call(fan->context, index, round->group, &slot.value);
        slot.status = slot.error == 0 ? POOL_OK : POOL_FAILED;
        round->slots[index] = slot;
        book(round, index, slot.error);
    }
}

static int help(void *arg, struct pool_group *group)
{
    (void)group;
    work(arg);
    return 0;
}

/* As many as are to be had: a refusal costs speed, nothing else. */
static void call_for_help(struct round *round)
{
    size_t most = round->fan->limit < round->count ? round->fan->limit : round->count;
    for (size_t helpers = 1; helpers < most; helpers++)
        if (pool_group_try(round->group, help, round, NULL) != POOL_OK)
            return;
}

static enum pool_status run(const struct pool_fan *fan, size_t count, size_t need,
                            struct pool_fan_slot *slots, size_t *winner)
{
    struct pool_group_options options = {.pool = fan->pool, .limit = POOL_GROUP_NO_LIMIT};
    struct round round = {.fan = fan, .count = count, .need = need, .slots = slots};
    enum pool_status status = pool_group_create(&round.group, &options);

    if (status != POOL_OK)
        return status;
    for (size_t i = 0; i < count; i++)
        slots[i] = (struct pool_fan_slot){.status = POOL_CANCELLED};
    call_for_help(&round);
    work(&round);
    (void)!pool_group_wait(round.group, NULL); /* what it answers, the round knows better */
    pool_group_destroy(round.group);
    if (round.succeeded < need)
        return POOL_FAILED;
    if (winner)
        *winner = round.winner;
    return POOL_OK;
}

static bool is_valid(const struct pool_fan *fan, const struct pool_fan_slot *slots)
{
    return fan && fan->call && fan->limit > 0 && slots;
}

enum pool_status pool_fan_map(const struct pool_fan *fan, size_t count, struct pool_fan_slot *slots)
{
    if (!is_valid(fan, slots))
        return POOL_INVALID;
    return count == 0 ? POOL_OK : run(fan, count, count, slots, NULL);
}

enum pool_status pool_fan_quorum(const struct pool_fan *fan, size_t count, size_t need,
                                 struct pool_fan_slot *slots)
{
    if (!is_valid(fan, slots) || need == 0 || need > count)
        return POOL_INVALID;
    return run(fan, count, need, slots, NULL);
}

enum pool_status pool_fan_first(const struct pool_fan *fan, size_t count, struct pool_fan_slot *slots,
                                size_t *winner)
{
    if (!is_valid(fan, slots) || count == 0)
        return POOL_INVALID;
    return run(fan, count, 1, slots, winner);
}
