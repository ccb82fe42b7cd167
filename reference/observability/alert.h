/* alert.h - would it have rung? Alert rules against a recorded series.
 *
 *     struct pool_alert_rule rule;
 *     if (pool_alert_rule(&rule, POOL_ALERT_AT_CEILING, 64) != POOL_OK) ...    // ceiling: 64 workers
 *     pool_alert_evaluate(&rule, samples, sample_count, spans, 16, &span_count);
 *     for (size_t i = 0; i < span_count && i < 16; i++) ...                    // from when to when it rang
 *
 * A series is an array of samples in the order of their times, as a scraper would have recorded them. The
 * rules are the thresholds of the field (M29), each with a limit that may be changed. Semantics as in
 * Prometheus' alerting rules: a condition that holds at each sample for `hold` fires; one sample where it
 * does not ends it. Pure functions: any thread, nothing is allocated, nothing is kept.
 */
#ifndef DEEPEND_POOL_ALERT_H
#define DEEPEND_POOL_ALERT_H

#include "clock.h"
#include "status.h"
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

struct pool_alert_sample {
    uint64_t at; /* nanoseconds */
    double value;
};

enum pool_alert_measure {
    POOL_ALERT_LEVEL,    /* the sample itself */
    POOL_ALERT_INCREASE, /* of a counter, over the window; a counter that goes down has restarted from 0 */
    POOL_ALERT_SLOPE     /* of a gauge, per second: between the first and the last sample in the window */
};

enum pool_alert_compare { POOL_ALERT_ABOVE, POOL_ALERT_AT_LEAST };

/* The window of a sample at T holds the samples later than T - window, up to T. With fewer than two there is
 * no increase and no slope; nothing is extrapolated. A NaN makes its comparison false. */
struct pool_alert_rule {
    const char *name;
    enum pool_alert_measure measure;
    enum pool_alert_compare compare;
    double limit;
    uint64_t window; /* nanoseconds; of INCREASE and SLOPE */
    uint64_t hold;   /* fires once the condition has held for so long; 0: at the first sample */
    uint64_t stale;  /* a hole longer than this ends what was pending or firing; 0: five minutes */
};

/* What each looks at, and its limit (M29). */
enum pool_alert_kind {
    POOL_ALERT_AT_CEILING, /* pool_size at its ceiling for 5 min; the limit is yours to give */
    POOL_ALERT_FLAPPING,   /* pool_resizes_total, both directions: more than 30 in a minute */
    POOL_ALERT_DROPS,      /* pool_dropped_total: any at all in a minute */
    POOL_ALERT_WAIT,       /* p99 of pool_wait_seconds beyond the SLO; the limit is yours to give */
    POOL_ALERT_THREADS,    /* process_threads above 10,000 for 5 min, twice a plateau of 5,000 */
    POOL_ALERT_GROWTH,     /* process_threads growing by more than 100 a second for 5 min */
    POOL_ALERT_FANOUT,     /* p99 of request_fanout_factor above 1,000 for 5 min */
    POOL_ALERT_KINDS
};

/* Fill in the rule of KIND. LIMIT replaces the one above; NAN keeps it. POOL_INVALID: NULL, no such kind, or
 * NAN where the limit is yours to give. */
POOL_MUST_LOOK enum pool_status pool_alert_rule(struct pool_alert_rule *rule, enum pool_alert_kind kind,
                                                double limit);

#define POOL_ALERT_NEVER UINT64_MAX

struct pool_alert_span {
    uint64_t pending;  /* the first sample at which the condition held */
    uint64_t firing;   /* the sample at which it had held for long enough */
    uint64_t resolved; /* the first at which it no longer did, or the end of the last one's staleness before a
                          hole; POOL_ALERT_NEVER: it still fires at the end of the series */
};

/* When RULE would have fired. *COUNT spans, the first ROOM of which are in SPANS (may be NULL if ROOM is 0),
 * in order. POOL_INVALID: NULL, no samples where some are announced, times that do not ascend, or a rule with
 * an unknown measure or comparison, a NaN for a limit, or a window of 0 where one is needed; nothing is
 * written. */
POOL_MUST_LOOK enum pool_status pool_alert_evaluate(const struct pool_alert_rule *rule,
                                                    const struct pool_alert_sample *samples,
                                                    size_t sample_count, struct pool_alert_span *spans,
                                                    size_t room, size_t *count);

#ifdef __cplusplus
}
#endif

#endif
