/* limit_rule.h - how a concurrency limit follows what the calls report: pure arithmetic. Private to this
 * room.
 *
 * Once a window the limiter hands in what it saw; the rule answers the next limit. Common to all: it grows
 * only if at least half the limit was in use, for an unused limit says nothing; a failed call shrinks it by
 * a quarter; it stays between floor and ceiling.
 *
 *   AIMD      +1 while the mean latency is at most `slow`, else a quarter less. D.-M. Chiu, R. Jain,
 *             "Analysis of the increase and decrease algorithms for congestion avoidance in computer
 *             networks", Computer Networks and ISDN Systems 17, 1989; the quarter is the seeds' (M48).
 *   GRADIENT  next = limit * g + 4 with g = long-term mean / this window's mean, from 0.5 to 1, and a fifth
 * of the way there. After Gradient2Limit of Netflix's concurrency-limits (2018). VEGAS     queued = limit *
 * (1 - least mean / this mean); few: grow, many: shrink, by the logarithm of the limit. L. Brakmo, L.
 * Peterson, "TCP Vegas", IEEE JSAC 13(8), 1995, with the thresholds of VegasLimit of the same library.
 *
 * Different from those two: one decision a window instead of one a call, so that one bad moment shrinks once;
 * a failure shrinks by a quarter in all rules (Gradient2 ignores it, Vegas takes off a logarithm).
 */
#ifndef DEEPEND_POOL_LIMIT_RULE_H
#define DEEPEND_POOL_LIMIT_RULE_H

#include "limiter.h"
#include <stdbool.h>

struct pool_limit_rule {
    /* Fixed. */
    enum pool_limiter_rule rule;
    double floor, ceiling;
    double slow; /* ns */

    double limit;

    double usual;   /* GRADIENT: the long-term mean latency, ns; 0: none yet */
    double least;   /* VEGAS: the least mean latency, ns; 0: none yet */
    double rival;   /* VEGAS: the least one since `least` was found, which replaces it in the end */
    unsigned stale; /* VEGAS: windows since then */
};

/* What one window has shown. */
struct pool_limit_window {
    double latency; /* mean of the good calls, ns; 0: there was none */
    unsigned peak;  /* most in flight at once */
    bool failed;    /* a call failed */
};

void pool_limit_rule_init(struct pool_limit_rule *rule, const struct pool_limiter_options *options);

/* The limit for the next window. */
unsigned pool_limit_rule_next(struct pool_limit_rule *rule, const struct pool_limit_window *window);

#endif
