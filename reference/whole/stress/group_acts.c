/* group_acts.c - the scene of the group: on a pool or on threads of its own, with tasks that fail and add
 * others, while somebody cancels, changes the limit, waits with a deadline, or stops the pool underneath.
 *
 * Every argument meets one fate: its task ran, it was discarded, or go refused it. In the end the group's
 * counts balance.
 */
#include "stress.h"

#include "group.h"

enum { GOERS = 3, MEDDLING = 6 /* things a meddler does */ };

struct party {
    struct pool *pool; /* may be NULL */
    struct pool_group *group;
    struct parcel parcels[PARCELS];
    struct pool_group_slot slots[PARCELS];
    atomic_uint taken;
};

struct guest {
    struct party *party;
    struct chance chance;
};

static void discard(void *arg)
{
    parcel_settle(arg);
}

static bool invite(struct party *party, struct chance *chance);

static int run(void *arg, struct pool_group *group)
{
    struct parcel *parcel = arg;
    struct chance chance = {(uint64_t)(parcel->yields * 7 + parcel->fails)};
    chance_yield(&chance, 1 + parcel->yields);
    claim(pool_group_is_cancelled(group) >= 0);
    if (parcel->yields == 3)
        invite(parcel->whole, &chance); /* from inside */
    parcel_settle(parcel);
    return parcel->fails ? 7 : 0;
}

/* False: there is nobody left to invite. */
static bool invite(struct party *party, struct chance *chance)
{
    unsigned n = atomic_fetch_add(&party->taken, 1);
    if (n >= PARCELS)
        return false;
    enum pool_status status = chance_in(chance, 3)
                                  ? pool_group_try(party->group, run, &party->parcels[n], &party->slots[n])
                                  : pool_group_go(party->group, run, &party->parcels[n], &party->slots[n]);
    if (status != POOL_OK) {
        claim(status == POOL_CANCELLED || status == POOL_STOPPED || status == POOL_WOULD_DEADLOCK ||
              status == POOL_FULL);
        party->slots[n].status = POOL_REJECTED;
        parcel_settle(&party->parcels[n]);
    }
    return true;
}

static void *goer_main(void *arg)
{
    struct guest *guest = arg;
    while (invite(guest->party, &guest->chance))
        chance_yield(&guest->chance, 2);
    return NULL;
}

static void wait_a_moment(struct party *party, struct chance *chance)
{
    struct timespec deadline = chance_deadline(chance);
    enum pool_status status = pool_group_wait_until(party->group, &deadline, NULL);
    claim(status != POOL_INVALID && status != POOL_WOULD_DEADLOCK);
}

static void cancel(struct party *party, struct chance *chance)
{
    (void)chance;
    claim(pool_group_cancel(party->group) == POOL_OK);
}

static void limit(struct party *party, struct chance *chance)
{
    claim(pool_group_set_limit(party->group, 1 + chance_of(chance, 5)) == POOL_OK);
}

static void reset(struct party *party, struct chance *chance)
{
    (void)chance;
    claim(pool_group_reset(party->group) == POOL_OK);
}

static void stop_pool(struct party *party, struct chance *chance)
{
    if (party->pool && chance_in(chance, 3))
        claim(pool_stop(party->pool) == POOL_OK);
}

struct act {
    unsigned weight;
    void (*act)(struct party *party, struct chance *chance);
};
static const struct act acts[] = {{4, wait_a_moment}, {1, cancel}, {4, limit}, {2, reset}, {1, stop_pool}};

static void *meddler_main(void *arg)
{
    struct guest *guest = arg;
    for (int n = 0; n < MEDDLING; n++) {
        chance_yield(&guest->chance, 12);
        acts[chance_weighted(&guest->chance, &acts[0].weight, sizeof acts / sizeof *acts, sizeof *acts)].act(
            guest->party, &guest->chance);
    }
    return NULL;
}

/* A slot tells what the fate was. */
static void claim_slots(const struct party *party)
{
    unsigned long long ok = 0, failed = 0;
    for (unsigned i = 0; i < PARCELS; i++) {
        ok += party->slots[i].status == POOL_OK;
        failed += party->slots[i].status == POOL_FAILED;
        claim(party->slots[i].status != POOL_FAILED ||
              (party->parcels[i].fails && party->slots[i].error == 7));
    }
    struct pool_group_counts counts = pool_group_counts(party->group);
    claim(counts.succeeded == ok && counts.failed == failed);
    claim(counts.accepted == counts.succeeded + counts.failed + counts.cancelled + counts.discarded);
    claim(counts.queued + counts.running + counts.blocked + counts.waiting == 0);
}

static void play_party(struct party *party, struct chance *chance)
{
    struct guest guests[GOERS + 1];
    struct crew crew = {0};
    for (int i = 0; i <= GOERS; i++) {
        guests[i] = (struct guest){party, {chance_next(chance)}};
        crew_add(&crew, i < GOERS ? goer_main : meddler_main, &guests[i]);
    }
    crew_join(&crew);
    claim(pool_group_wait(party->group, NULL) != POOL_INVALID);
    claim_slots(party);
    pool_group_destroy(party->group);
    parcels_claim_one_fate(party->parcels, PARCELS);
}

void play_group(struct chance *chance)
{
    static const size_t limits[] = {1, 2, 4, POOL_GROUP_NO_LIMIT};
    struct party party = {.pool = NULL};
    parcels_make(party.parcels, PARCELS, &party, chance);
    if (chance_in(chance, 2))
        claim(pool_create(&party.pool, &(struct pool_options){.workers = 1 + chance_of(chance, 3),
                                                              .capacity = 1 + chance_of(chance, 6)}) ==
              POOL_OK);
    /* Without a pool no limit would mean a thread for each task: the sanitizer would rather not. */
    struct pool_group_options options = {.pool = party.pool,
                                         .limit = limits[chance_of(chance, party.pool ? 4 : 3)],
                                         .on_failure =
                                             chance_in(chance, 2) ? POOL_GROUP_CANCEL : POOL_GROUP_GO_ON,
                                         .discard = discard};
    claim(pool_group_create(&party.group, &options) == POOL_OK);
    play_party(&party, chance);
    pool_destroy(party.pool);
}
