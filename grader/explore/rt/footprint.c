/* footprint.c - what a step of a run has touched: ranges of bytes, each looked at or written. Adjoining ones
 * are put together; when there are more than there is room for, the footprint is said to be everything, which
 * meets whatever there is. So it never knows too little.
 */
#include "explore/rt/inside.h"

static int holds(const struct range *outer, const struct range *inner)
{
    return outer->first <= inner->first && inner->last <= outer->last &&
           outer->is_written >= inner->is_written;
}

/* Lengthen ONE by OTHER when they are of one kind and touch. */
static int put_together(struct range *one, const struct range *other)
{
    if (one->is_written != other->is_written || one->first > other->last + 1 || other->first > one->last + 1)
        return 0;
    one->first = one->first < other->first ? one->first : other->first;
    one->last = one->last > other->last ? one->last : other->last;
    return 1;
}

void footprint_add(struct footprint *footprint, struct range range)
{
    if (footprint->is_everything)
        return;
    for (uint32_t i = footprint->count; i-- > 0;)
        if (holds(&footprint->range[i], &range) || put_together(&footprint->range[i], &range))
            return;
    if (footprint->count == footprint->room)
        footprint->is_everything = 1;
    else
        footprint->range[footprint->count++] = range;
}

void footprint_add_all(struct footprint *footprint, const struct footprint *other)
{
    footprint->is_everything |= other->is_everything;
    for (uint32_t i = 0; i < other->count; i++)
        footprint_add(footprint, other->range[i]);
}

int footprints_meet(const struct footprint *a, const struct footprint *b)
{
    if (a->is_everything || b->is_everything)
        return 1;
    for (uint32_t i = 0; i < a->count; i++)
        for (uint32_t k = 0; k < b->count; k++)
            if (a->range[i].first <= b->range[k].last && b->range[k].first <= a->range[i].last &&
                (a->range[i].is_written || b->range[k].is_written))
                return 1;
    return 0;
}
