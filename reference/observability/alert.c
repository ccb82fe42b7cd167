/* alert.c - alert rules against a recorded series, see alert.h. */
#include "alert.h"

#include <math.h>
#include <stdbool.h>

enum { DEFAULT_STALE_SECONDS = 300 };

/* --- the rules of the field ----------------------------------------------------------------------------- */

enum pool_status pool_alert_rule(struct pool_alert_rule *rule, enum pool_alert_kind kind, double limit)
{
    const uint64_t minute = 60 * POOL_SECOND, hold = 5 * minute;
    const struct pool_alert_rule rules[POOL_ALERT_KINDS] = {
        [POOL_ALERT_AT_CEILING] = {"at-ceiling", POOL_ALERT_LEVEL, POOL_ALERT_AT_LEAST, NAN, 0, hold, 0},
        [POOL_ALERT_FLAPPING] = {"flapping", POOL_ALERT_INCREASE, POOL_ALERT_ABOVE, 30, minute, 0, 0},
        [POOL_ALERT_DROPS] = {"drops", POOL_ALERT_INCREASE, POOL_ALERT_ABOVE, 0, minute, 0, 0},
        [POOL_ALERT_WAIT] = {"wait", POOL_ALERT_LEVEL, POOL_ALERT_ABOVE, NAN, 0, 0, 0},
        [POOL_ALERT_THREADS] = {"threads", POOL_ALERT_LEVEL, POOL_ALERT_ABOVE, 10000, 0, hold, 0},
        [POOL_ALERT_GROWTH] = {"growth", POOL_ALERT_SLOPE, POOL_ALERT_ABOVE, 100, minute, hold, 0},
        [POOL_ALERT_FANOUT] = {"fanout", POOL_ALERT_LEVEL, POOL_ALERT_ABOVE, 1000, 0, hold, 0},
    };
    if (!rule || (size_t)kind >= POOL_ALERT_KINDS || (isnan(limit) && isnan(rules[kind].limit)))
        return POOL_INVALID;
    *rule = rules[kind];
    rule->limit = isnan(limit) ? rule->limit : limit;
    return POOL_OK;
}

/* --- measuring ------------------------------------------------------------------------------------------ */

/* A part of a series that ends at the sample in question. */
struct window {
    const struct pool_alert_sample *samples;
    size_t count; /* at least 1 */
};

static double measure_level(struct window window)
{
    return window.samples[window.count - 1].value;
}

static double measure_increase(struct window window)
{
    double increase = 0;
    for (size_t i = 1; i < window.count; i++) {
        double before = window.samples[i - 1].value, now = window.samples[i].value;
        increase += now < before ? now : now - before;
    }
    return window.count < 2 ? NAN : increase;
}

static double measure_slope(struct window window)
{
    const struct pool_alert_sample *first = window.samples, *last = first + window.count - 1;
    if (window.count < 2)
        return NAN;
    return (last->value - first->value) / ((double)(last->at - first->at) / (double)POOL_SECOND);
}

static double (*const measures[])(struct window) = {[POOL_ALERT_LEVEL] = measure_level,
                                                    [POOL_ALERT_INCREASE] = measure_increase,
                                                    [POOL_ALERT_SLOPE] = measure_slope};

static bool condition_holds(const struct pool_alert_rule *rule, struct window window)
{
    double value = measures[rule->measure](window);
    return rule->compare == POOL_ALERT_ABOVE ? value > rule->limit : value >= rule->limit;
}

/* --- evaluating ----------------------------------------------------------------------------------------- */

static bool input_is_valid(const struct pool_alert_rule *rule, const struct pool_alert_sample *samples,
                           size_t sample_count)
{
    if (!rule || (!samples && sample_count > 0))
        return false;
    if ((size_t)rule->measure > POOL_ALERT_SLOPE || (size_t)rule->compare > POOL_ALERT_AT_LEAST ||
        isnan(rule->limit) || (rule->measure != POOL_ALERT_LEVEL && rule->window == 0))
        return false;
    for (size_t i = 1; i < sample_count; i++)
        if (samples[i].at <= samples[i - 1].at)
            return false;
    return true;
}

/* Where the evaluation stands: inactive, pending since `span.pending`, or firing since `span.firing`. */
struct evaluation {
    bool pending, firing;
    struct pool_alert_span span;
    struct pool_alert_span *spans;
    size_t room, count;
};

static void resolve(struct evaluation *now, uint64_t at)
{
    if (now->firing) {
        now->span.resolved = at;
        if (now->count < now->room)
            now->spans[now->count] = now->span;
        now->count++;
    }
    now->pending = now->firing = false;
}

static void step(struct evaluation *now, uint64_t hold, uint64_t at, bool holds)
{
    if (!holds) {
        resolve(now, at);
        return;
    }
    if (!now->pending) {
        now->pending = true;
        now->span.pending = at;
    }
    if (!now->firing && at - now->span.pending >= hold) {
        now->firing = true;
        now->span.firing = at;
    }
}

enum pool_status pool_alert_evaluate(const struct pool_alert_rule *rule,
                                     const struct pool_alert_sample *samples, size_t sample_count,
                                     struct pool_alert_span *spans, size_t room, size_t *count)
{
    if (!count || (!spans && room > 0) || !input_is_valid(rule, samples, sample_count))
        return POOL_INVALID;
    uint64_t stale = rule->stale ? rule->stale : DEFAULT_STALE_SECONDS * POOL_SECOND;
    struct evaluation now = {.spans = spans, .room = room};
    size_t first = 0; /* of the window */
    for (size_t i = 0; i < sample_count; i++) {
        if (i > 0 && samples[i].at - samples[i - 1].at > stale)
            resolve(&now, samples[i - 1].at + stale);
        while (first < i && samples[i].at - samples[first].at >= rule->window)
            first++;
        struct window window = {.samples = samples + first, .count = i - first + 1};
        step(&now, rule->hold, samples[i].at, condition_holds(rule, window));
    }
    resolve(&now, POOL_ALERT_NEVER);
    *count = now.count;
    return POOL_OK;
}
