/* freed.c - memory that the program has given back, and what happens when it is used all the same.
 *
 * Freed blocks are kept until the schedule is over, so that nothing new comes to lie there: a use of them is
 * seen for what it is, and a mutex in them still looks like one. The table has a slot for each sixteen bytes,
 * which is what malloc deals in. What does not fit any more is freed in earnest and not watched.
 *
 * Above ThreadSanitizer this is the sanitizer's business.
 */
#include "explore/rt/inside.h"

enum { GRANULE = 16, SLOTS = 1 << 16, MOST = SLOTS / 2 };

static struct freed {
    uintptr_t granule; /* address / GRANULE, 0: empty */
    const void *pc;    /* where it was given back */
} table[SLOTS];
static unsigned used;

static struct freed *slot_of(uintptr_t granule)
{
    size_t at = granule * 0x9e3779b97f4a7c15ULL >> 48;

    while (table[at].granule && table[at].granule != granule)
        at = (at + 1) % SLOTS;
    return &table[at];
}

int freed_keep(const void *block, size_t size, const void *pc)
{
    uintptr_t from = (uintptr_t)block / GRANULE, count = (size + GRANULE - 1) / GRANULE;

    if (used + count > MOST)
        return 0;
    for (uintptr_t i = 0; i < count; i++)
        *slot_of(from + i) = (struct freed){from + i, pc};
    used += (unsigned)count;
    return 1;
}

/* Where the memory at ADDRESS was given back, or NULL. */
static const void *given_back(const void *address)
{
    if (used == 0)
        return NULL;
    const struct freed *found = slot_of((uintptr_t)address / GRANULE);
    return found->granule ? found->pc : NULL;
}

void freed_check(const void *address, const void *pc)
{
    const void *earlier = given_back(address);

    if (earlier)
        rt_fail(CLASS_INVALID_MEMORY, pc, earlier, address, "memory is used after it was given back");
}

void freed_check_twice(const void *block, const void *pc)
{
    const void *earlier = given_back(block);

    if (earlier)
        rt_fail(CLASS_INVALID_MEMORY, pc, earlier, block, "memory is given back a second time");
}
