/* slo.h - a line of an objective held against a timeline. Pure. */
#ifndef DEEPEND_SLO_H
#define DEEPEND_SLO_H

#include "build/build.h"
#include "run/timeline.h"

/* What the timeline says of it. */
struct slo_finding {
    int holds;
    int known;          /* 0: the span was never reached, or only begun: the run had ended before */
    double value;       /* of the series, folded over the span, as far as it was run */
    double wrong_since; /* the second in which it was first out of bounds, or -1 */
};

/* SLO is one of rule SLO_SERIES, or what the record tells of: the ledger, the threads, the memory. */
struct slo_finding slo_hold(const struct slo *slo, const struct timeline *timeline);

#endif
