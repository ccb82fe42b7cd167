/* decide_composite.c - several deciders and some vetoes made one.
 *
 * In this order: the largest reactive wish, forecasts on top of it, vetoes against growth, the downstream's
 * state. The later has the last word.
 */
#include "deciders.h"
#include <limits.h>
#include <math.h>

static unsigned larger(unsigned a, unsigned b)
{
    return a > b ? a : b;
}

static unsigned smaller(unsigned a, unsigned b)
{
    return a < b ? a : b;
}

static unsigned ask_all(const struct pool_decider *deciders, size_t count, const struct pool_sample *sample)
{
    unsigned most = 1;
    for (size_t i = 0; i < count; i++)
        most = larger(most, pool_decide(&deciders[i], sample));
    return most;
}

static bool growth_is_vetoed(const struct pool_composite *it, const struct pool_sample *sample)
{
    for (size_t i = 0; i < it->veto_count; i++)
        if (sample->value[it->vetoes[i].signal] > it->vetoes[i].limit)
            return true;
    return false;
}

/* What the downstream's state leaves of WANTED. */
static unsigned careful(const struct pool_composite *it, const struct pool_sample *sample, unsigned wanted)
{
    unsigned room = UINT_MAX - sample->workers;

    switch (sample->downstream) {
    case POOL_DOWNSTREAM_SICK:
        return sample->workers;
    case POOL_DOWNSTREAM_TRYING:
        return smaller(larger(wanted, sample->workers), sample->workers + smaller(it->cautious, room));
    case POOL_DOWNSTREAM_WELL:
        break;
    }
    return wanted;
}

static unsigned decide_composite(void *self, const struct pool_sample *sample)
{
    const struct pool_composite *it = self;
    unsigned wanted = ask_all(it->reactive, it->reactive_count, sample);
    unsigned forecast = ask_all(it->forecasts, it->forecast_count, sample);
    double most = ceil(it->trust * sample->value[POOL_SIGNAL_DEMAND]);

    if (!(forecast <= most)) /* also if the demand is NAN: then no forecast is believed */
        forecast = (unsigned)fmax(1, most);
    wanted = larger(wanted, forecast);
    if (growth_is_vetoed(it, sample))
        wanted = smaller(wanted, sample->workers);
    return larger(1, careful(it, sample, wanted));
}

static bool all_there(const struct pool_decider *deciders, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (!deciders || !deciders[i].decide)
            return false;
    return true;
}

enum pool_status pool_composite_decider(struct pool_composite *it, struct pool_decider *decider)
{
    if (!it || !decider || it->reactive_count == 0 || !all_there(it->reactive, it->reactive_count) ||
        !all_there(it->forecasts, it->forecast_count) || (it->veto_count && !it->vetoes) ||
        (it->forecast_count && !(it->trust >= 1)))
        return POOL_INVALID;
    for (size_t i = 0; i < it->veto_count; i++)
        if ((unsigned)it->vetoes[i].signal >= POOL_SIGNALS || isnan(it->vetoes[i].limit))
            return POOL_INVALID;
    *decider = (struct pool_decider){decide_composite, it};
    return POOL_OK;
}
