/* tally.h - two counts over the last so many nanoseconds, in ten slices. Private to this room.
 *
 * The oldest slice falls out as a whole: the tally covers between nine and ten tenths of its window. Plain
 * data; its owner's lock guards it.
 */
#ifndef DEEPEND_POOL_TALLY_H
#define DEEPEND_POOL_TALLY_H

#include <stdint.h>

enum { TALLY_SLICES = 10 };

struct pool_tally {
    uint64_t width; /* of a slice, ns */
    uint64_t turn;  /* number of the newest slice: time / width */
    struct {
        uint64_t all, marked;
    } slices[TALLY_SLICES], sum;
};

/* WINDOW at least 1 ns; below ten it counts as ten. */
void pool_tally_init(struct pool_tally *tally, uint64_t window, uint64_t now);

/* Let the slices that are over fall out; a NOW before the last one counts as that. */
void pool_tally_advance(struct pool_tally *tally, uint64_t now);

/* Add to the newest slice. MARKED of ALL are of the kind that is looked for. */
void pool_tally_add(struct pool_tally *tally, uint64_t all, uint64_t marked);

#endif
