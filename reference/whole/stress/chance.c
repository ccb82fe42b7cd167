/* chance.c - the tools of the scenes: chance, crews, parcels. See stress.h. */
#include "stress.h"

#include <sched.h>

/* SplitMix64 (Steele, Lea, Flood 2014): small, and any seed will do. */
uint64_t chance_next(struct chance *chance)
{
    uint64_t z = chance->state += 0x9e3779b97f4a7c15u;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    return z ^ z >> 31;
}

unsigned chance_of(struct chance *chance, unsigned below)
{
    return (unsigned)(chance_next(chance) % below);
}

bool chance_in(struct chance *chance, unsigned n)
{
    return chance_of(chance, n) == 0;
}

unsigned chance_weighted(struct chance *chance, const unsigned *first, unsigned count, size_t stride)
{
    unsigned sum = 0, i = 0;
    const char *weights = (const char *)first;
    for (unsigned j = 0; j < count; j++)
        sum += *(const unsigned *)(weights + j * stride);
    unsigned left = chance_of(chance, sum);
    for (unsigned weight; left >= (weight = *(const unsigned *)(weights + i * stride)); i++)
        left -= weight;
    return i;
}

void chance_yield(struct chance *chance, unsigned below)
{
    for (unsigned n = chance_of(chance, below); n > 0; n--)
        sched_yield();
}

struct timespec chance_deadline(struct chance *chance)
{
    return pool_deadline_after((long)chance_of(chance, 4) - 1);
}

void crew_add(struct crew *crew, void *(*run)(void *), void *arg)
{
    claim(crew->count < CREW_MOST);
    claim(pthread_create(&crew->thread[crew->count], NULL, run, arg) == 0);
    crew->count++;
}

void crew_join(struct crew *crew)
{
    for (; crew->count > 0; crew->count--)
        claim(pthread_join(crew->thread[crew->count - 1], NULL) == 0);
}

void parcels_make(struct parcel *parcels, unsigned count, void *whole, struct chance *chance)
{
    for (unsigned i = 0; i < count; i++) {
        atomic_init(&parcels[i].fates, 0);
        parcels[i].yields = chance_of(chance, 4);
        parcels[i].fails = chance_in(chance, 12);
        parcels[i].whole = whole;
    }
}

void parcel_settle(struct parcel *parcel)
{
    claim(atomic_fetch_add(&parcel->fates, 1) == 0);
}

void parcels_claim_one_fate(const struct parcel *parcels, unsigned count)
{
    for (unsigned i = 0; i < count; i++)
        claim(parcels[i].fates == 1);
}
