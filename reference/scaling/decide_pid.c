/* decide_pid.c - the PID decider.
 *
 * Everything is a logarithm. The integral alone remembers a size; P and D lean on it for a moment. Tracking
 * moves the integral by tracking x dt x (ln size - last output): nothing while the wish is followed (but for
 * rounding, which keeps it from trembling between two sizes), and while it is not, the wish settles at size x
 * signal / target for tracking = ki: just the size that is right once the way is free.
 */
#include "deciders.h"
#include <math.h>

/* The farthest from the target that a signal is believed: a factor of 8 either way. An idle pool has ln 0
 * otherwise. */
static const double far = 8;

static double clamp(double x, double low, double high)
{
    return x < low ? low : x > high ? high : x;
}

static double log_signal(const struct pool_pid *it, const struct pool_sample *sample)
{
    double value = sample->value[it->signal];
    return isnan(value) ? it->last : log(clamp(value, it->target / far, it->target * far));
}

static double log_size(unsigned size)
{
    return log(size ? size : 1);
}

/* The first sample starts at the size that is there, without a bump. */
static void prime(struct pool_pid *it, const struct pool_sample *sample)
{
    it->primed = true;
    it->at = sample->at;
    it->last = log(it->target);
    it->last = log_signal(it, sample);
    it->integral = clamp(log_size(sample->workers), log(it->floor), log(it->ceiling));
    it->output = it->integral;
}

static unsigned decide_pid(void *self, const struct pool_sample *sample)
{
    struct pool_pid *it = self;

    if (!it->primed)
        prime(it, sample);
    double dt = sample->at > it->at ? (double)(sample->at - it->at) / (double)POOL_SECOND : 0;
    double now = log_signal(it, sample), error = now - log(it->target);
    double pull = fmin(1, it->tracking * dt) * (log_size(sample->workers) - it->output);

    it->integral = clamp(it->integral + it->ki * error * dt + pull, log(it->floor), log(it->ceiling));
    it->output = it->integral + it->kp * error + (dt > 0 ? it->kd * (now - it->last) / dt : 0);
    it->last = now;
    it->at = sample->at > it->at ? sample->at : it->at;
    double wish = clamp(it->output, log(it->floor), log(it->ceiling));
    if (it->zone > 0 && fabs(wish - log_size(sample->workers)) < log1p(it->zone))
        wish = log_size(sample->workers);
    return (unsigned)round(fmax(1, exp(wish)));
}

static bool is_gain(double gain)
{
    return isfinite(gain) && gain >= 0;
}

enum pool_status pool_pid_decider(struct pool_pid *it, struct pool_decider *decider)
{
    if (!it || !decider || (unsigned)it->signal >= POOL_SIGNALS || !(it->target > 0) ||
        !isfinite(it->target) || !is_gain(it->kp) || !is_gain(it->ki) || !is_gain(it->kd) ||
        !is_gain(it->tracking) || !is_gain(it->zone) || it->floor == 0 || it->floor > it->ceiling)
        return POOL_INVALID;
    it->primed = false;
    *decider = (struct pool_decider){decide_pid, it};
    return POOL_OK;
}
