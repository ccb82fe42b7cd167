/* slo.c - see slo.h. Row r is what was seen in the second that ends at r + 1. */
#include "run/slo.h"

#include <math.h>

static int is_within(const struct slo *slo, double value)
{
    return slo->at_least ? value >= slo->limit : value <= slo->limit;
}

/* How VALUE and the NEXT one become one, for the folds that need but these. */
static double join(enum slo_fold fold, double value, double next)
{
    if (fold == FOLD_MOST)
        return fmax(value, next);
    return fold == FOLD_LEAST ? fmin(value, next) : next;
}

struct span {
    const struct timeline *timeline;
    int series;
    size_t from, to;
};

/* The folded value of rows FROM to ROW, and with it the last step of a sliding minute. */
static double value_at(const struct slo *slo, const struct span *span, size_t row, double before)
{
    double now = timeline_value(span->timeline, row, span->series);
    double first = span->from ? timeline_value(span->timeline, span->from - 1, span->series) : 0;
    double minute_ago =
        row >= span->from + 60 ? timeline_value(span->timeline, row - 60, span->series) : first;

    switch (slo->fold) {
    case FOLD_GROWTH:
        return now - first;
    case FOLD_PER_MINUTE:
        return row == span->from ? now - minute_ago : fmax(before, now - minute_ago);
    case FOLD_MEAN:
        return row == span->from ? now : before + (now - before) / (double)(row - span->from + 1);
    default:
        return row == span->from ? now : join(slo->fold, before, now);
    }
}

/* Out of bounds for good the moment it is seen, whatever comes later? */
static int is_final(const struct slo *slo)
{
    if (slo->fold == FOLD_MEAN || slo->fold == FOLD_LAST)
        return 0;
    if (slo->fold == FOLD_LEAST)
        return slo->at_least;
    return !slo->at_least;
}

static struct slo_finding hold_series(const struct slo *slo, const struct timeline *timeline)
{
    struct span span = {timeline, timeline_series(timeline, slo->series), slo->from,
                        slo->to ? slo->to : timeline->row_count};
    struct slo_finding finding = {.wrong_since = -1};
    size_t end = span.to < timeline->row_count ? span.to : timeline->row_count;

    if (span.series < 0 || span.from >= end)
        return finding;
    for (size_t row = span.from; row < end; row++) {
        finding.value = value_at(slo, &span, row, finding.value);
        if (is_within(slo, finding.value))
            finding.wrong_since = is_final(slo) ? finding.wrong_since : -1;
        else if (finding.wrong_since < 0)
            finding.wrong_since = (double)row;
    }
    finding.holds = is_within(slo, finding.value);
    /* what is out of bounds for good is known though the span was cut short */
    finding.known =
        (finding.wrong_since >= 0 && is_final(slo)) || (slo->to ? end == span.to : timeline->end == END_DONE);
    finding.holds = finding.holds && finding.known;
    return finding;
}

struct slo_finding slo_hold(const struct slo *slo, const struct timeline *timeline)
{
    struct slo_finding finding = {.known = timeline->end == END_DONE, .wrong_since = -1};

    if (slo->rule == SLO_SERIES)
        return hold_series(slo, timeline);
    if (slo->rule == SLO_LEDGER)
        finding.value = (double)timeline->ledger.unanswered;
    else if (slo->rule == SLO_CENSUS)
        finding.value = timeline->threads_left;
    else if (slo->rule == SLO_MEMORY)
        finding.value = (double)timeline->memory_left;
    finding.holds = finding.known && finding.value <= 0;
    return finding;
}
