/* limit_rule.c - AIMD, gradient and Vegas, see limit_rule.h. */
#include "limit_rule.h"

#include <assert.h>
#include <math.h>
#include <stddef.h>

static const double SHRINK = 0.75;

/* GRADIENT */
static const double NEWEST = 2.0 / 601; /* the weight of a window in the long-term mean, about 600 of them */
static const double SLACK = 4;          /* calls that may queue */
static const double SMOOTH = 0.2;       /* the part of the way that is gone at once */

/* VEGAS: so many windows without a new least latency, and the old one is forgotten: the other side may have
 * become slower for good. */
enum { STALE = 120 };

static double least_of(double a, double b)
{
    return a < b ? a : b;
}

static double most_of(double a, double b)
{
    return a > b ? a : b;
}

static double next_fixed(struct pool_limit_rule *rule, double latency)
{
    (void)latency;
    return rule->limit;
}

static double next_aimd(struct pool_limit_rule *rule, double latency)
{
    return latency > rule->slow ? rule->limit * SHRINK : rule->limit + 1;
}

static double next_gradient(struct pool_limit_rule *rule, double latency)
{
    double gradient = most_of(0.5, least_of(1, rule->usual / latency));
    double wanted = rule->limit * gradient + SLACK;
    return rule->limit + (wanted - rule->limit) * SMOOTH;
}

static double next_vegas(struct pool_limit_rule *rule, double latency)
{
    double step = most_of(1, floor(log10(rule->limit)));
    double queued = ceil(rule->limit * (1 - rule->least / latency));

    if (queued <= step)
        return rule->limit + 6 * step;
    if (queued < 3 * step)
        return rule->limit + step;
    return queued > 6 * step ? rule->limit - step : rule->limit;
}

static const struct {
    double (*next)(struct pool_limit_rule *rule, double latency);
} rules[] = {
    [POOL_LIMITER_FIXED] = {next_fixed},
    [POOL_LIMITER_AIMD] = {next_aimd},
    [POOL_LIMITER_GRADIENT] = {next_gradient},
    [POOL_LIMITER_VEGAS] = {next_vegas},
};

void pool_limit_rule_init(struct pool_limit_rule *rule, const struct pool_limiter_options *options)
{
    *rule = (struct pool_limit_rule){
        .rule = options->rule,
        .floor = options->floor,
        .ceiling = options->ceiling,
        .slow = (double)options->slow,
        .limit = options->start,
    };
}

/* The long-term mean begins as a plain mean would. If it has stayed at more than twice of what the calls take
 * now, an overload is over: it comes down by a tenth each window and not over minutes. */
static void learn_usual(struct pool_limit_rule *rule, double latency)
{
    if (rule->usual == 0)
        rule->usual = latency;
    rule->usual += (latency - rule->usual) * NEWEST;
    if (rule->usual > 2 * latency)
        rule->usual *= 0.9;
}

static void learn_least(struct pool_limit_rule *rule, double latency)
{
    if (rule->least == 0 || latency < rule->least) {
        rule->least = latency;
        rule->stale = 0;
        rule->rival = 0;
        return;
    }
    rule->rival = rule->rival == 0 ? latency : least_of(rule->rival, latency);
    if (++rule->stale < STALE)
        return;
    rule->least = rule->rival;
    rule->stale = 0;
    rule->rival = 0;
}

unsigned pool_limit_rule_next(struct pool_limit_rule *rule, const struct pool_limit_window *window)
{
    double next = rule->limit;

    if (window->latency > 0) {
        learn_usual(rule, window->latency);
        learn_least(rule, window->latency);
        next = rules[rule->rule].next(rule, window->latency);
        if (2.0 * window->peak < rule->limit)
            next = least_of(next, rule->limit);
    }
    if (window->failed && rule->rule != POOL_LIMITER_FIXED)
        next = rule->limit * SHRINK;
    if (rule->rule != POOL_LIMITER_FIXED)
        rule->limit = most_of(rule->floor, least_of(rule->ceiling, next));
    return (unsigned)rule->limit;
}
