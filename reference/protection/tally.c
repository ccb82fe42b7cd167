/* tally.c - two counts over a sliding window, see tally.h. */
#include "tally.h"

void pool_tally_init(struct pool_tally *tally, uint64_t window, uint64_t now)
{
    *tally = (struct pool_tally){.width = window < TALLY_SLICES ? 1 : window / TALLY_SLICES};
    tally->turn = now / tally->width;
}

void pool_tally_advance(struct pool_tally *tally, uint64_t now)
{
    uint64_t turn = now / tally->width;

    if (turn <= tally->turn)
        return;
    uint64_t over = turn - tally->turn < TALLY_SLICES ? turn - tally->turn : TALLY_SLICES;
    for (uint64_t i = 1; i <= over; i++) {
        uint64_t oldest = (tally->turn + i) % TALLY_SLICES;
        tally->sum.all -= tally->slices[oldest].all;
        tally->sum.marked -= tally->slices[oldest].marked;
        tally->slices[oldest].all = tally->slices[oldest].marked = 0;
    }
    tally->turn = turn;
}

void pool_tally_add(struct pool_tally *tally, uint64_t all, uint64_t marked)
{
    uint64_t newest = tally->turn % TALLY_SLICES;

    tally->slices[newest].all += all;
    tally->slices[newest].marked += marked;
    tally->sum.all += all;
    tally->sum.marked += marked;
}
