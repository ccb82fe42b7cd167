/* decide_forecast.c - deciders that look ahead: a timetable, and a straight line.
 *
 * Neither knows whether it was right. Put them into a composite beside a reactive decider.
 */
#include "deciders.h"
#include <limits.h>
#include <math.h>

/* --- timetable ----------------------------------------------------------------------------------------- */

/* Nanoseconds into the period at NOW + lead; right also before the origin. */
static uint64_t time_of_period(const struct pool_schedule *it, uint64_t now)
{
    uint64_t from = now >= it->origin ? (now - it->origin) % it->period
                                      : (it->period - (it->origin - now) % it->period) % it->period;
    uint64_t lead = it->lead % it->period;
    return from >= it->period - lead ? from - (it->period - lead) : from + lead;
}

static unsigned decide_schedule(void *self, const struct pool_sample *sample)
{
    const struct pool_schedule *it = self;
    uint64_t time = time_of_period(it, sample->at);
    size_t at = it->count - 1; /* before the first entry yesterday's last one holds */

    for (size_t i = 0; i < it->count && it->entries[i].from <= time; i++)
        at = i;
    return it->entries[at].size;
}

enum pool_status pool_schedule_decider(struct pool_schedule *it, struct pool_decider *decider)
{
    if (!it || !decider || !it->entries || it->count == 0 || it->period == 0)
        return POOL_INVALID;
    for (size_t i = 0; i < it->count; i++)
        if (it->entries[i].size == 0 || it->entries[i].from >= it->period ||
            (i > 0 && it->entries[i].from <= it->entries[i - 1].from))
            return POOL_INVALID;
    *decider = (struct pool_decider){decide_schedule, it};
    return POOL_OK;
}

/* --- straight line ------------------------------------------------------------------------------------- */

/* Level and slope after one more sample. The slope is that of the level, smoothed in its turn. */
static void follow(struct pool_trend *it, const struct pool_sample *sample)
{
    double before = it->demand.value;
    uint64_t at = it->demand.at;
    bool first = it->demand.count == 0;

    pool_ewma_add(&it->demand, sample->at, sample->value[POOL_SIGNAL_DEMAND]);
    if (!first && sample->at > at)
        pool_ewma_add(&it->change, sample->at,
                      (it->demand.value - before) / ((double)(sample->at - at) / (double)POOL_SECOND));
}

static unsigned decide_trend(void *self, const struct pool_sample *sample)
{
    struct pool_trend *it = self;

    follow(it, sample);
    double rise = fmax(0, it->change.value) * (double)it->horizon / (double)POOL_SECOND;
    double wanted = fmax(1, ceil((it->demand.value + rise) / it->used));
    double most = fmax(1, floor(it->trust * sample->workers));
    return (unsigned)fmin(fmin(wanted, most), UINT_MAX);
}

enum pool_status pool_trend_decider(struct pool_trend *it, struct pool_decider *decider)
{
    if (!it || !decider || !(it->used > 0 && it->used <= 1) || !(it->trust >= 1) || !isfinite(it->trust))
        return POOL_INVALID;
    pool_ewma_init(&it->demand, it->level);
    pool_ewma_init(&it->change, it->slope);
    *decider = (struct pool_decider){decide_trend, it};
    return POOL_OK;
}
