/* decide_reactive.c - threshold with hysteresis, and AIMD: pure functions of one sample.
 *
 * A comparison with NAN is false, so a signal that is none holds the size.
 */
#include "deciders.h"
#include <limits.h>
#include <math.h>

/* A size from a number: at least 1, at most what fits. */
static unsigned size_of(double size)
{
    return !(size > 1) ? 1 : size >= UINT_MAX ? UINT_MAX : (unsigned)size;
}

/* SIZE times FACTOR, and at least one more; rounding errors of the product do not add a worker. */
static unsigned grown(unsigned size, double factor)
{
    double product = (double)size * factor;
    return size_of(fmax((double)size + 1, ceil(product - product * 1e-9)));
}

static unsigned shrunk(unsigned size, double factor)
{
    double product = (double)size * factor;
    return size_of(fmin((double)size - 1, floor(product + product * 1e-9)));
}

static bool is_signal(enum pool_signal signal)
{
    return (unsigned)signal < POOL_SIGNALS;
}

/* --- threshold ----------------------------------------------------------------------------------------- */

static unsigned decide_threshold(void *self, const struct pool_sample *sample)
{
    const struct pool_threshold *it = self;
    double value = sample->value[it->signal];

    if (value > it->high)
        return grown(sample->workers, it->grow);
    if (value < it->low)
        return shrunk(sample->workers, it->shrink);
    return size_of(sample->workers);
}

enum pool_status pool_threshold_decider(struct pool_threshold *it, struct pool_decider *decider)
{
    if (!it || !decider || !is_signal(it->signal) || !(it->high >= it->low) || !(it->grow >= 1) ||
        !(it->shrink >= 0 && it->shrink <= 1))
        return POOL_INVALID;
    *decider = (struct pool_decider){decide_threshold, it};
    return POOL_OK;
}

/* --- AIMD ---------------------------------------------------------------------------------------------- */

static unsigned decide_aimd(void *self, const struct pool_sample *sample)
{
    const struct pool_aimd *it = self;
    double demand = sample->value[it->demand];

    if ((it->limit > 0 && sample->value[it->congestion] > it->limit) || demand < it->low)
        return shrunk(sample->workers, it->keep);
    return size_of((double)sample->workers + (demand > it->high ? it->add : 0));
}

enum pool_status pool_aimd_decider(struct pool_aimd *it, struct pool_decider *decider)
{
    if (!it || !decider || !is_signal(it->demand) || !is_signal(it->congestion) || !(it->high >= it->low) ||
        it->add == 0 || !(it->keep >= 0 && it->keep <= 1) || !(it->limit >= 0))
        return POOL_INVALID;
    *decider = (struct pool_decider){decide_aimd, it};
    return POOL_OK;
}
