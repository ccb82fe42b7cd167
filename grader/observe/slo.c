/* slo.c - a line of an incident's objective that does not hold, as a finding.
 *
 * What ended the service early is told once, by the line that it ends by itself; the lines whose time never
 * came say only that.
 */
#include "base/symbols.h"
#include "observe/judges.h"
#include "observe/source.h"

#include <string.h>
#include <talloc.h>

/* Minutes and seconds: "4:07". */
static char *clock_text(void *mem, double second)
{
    unsigned long whole = (unsigned long)second;
    return talloc_asprintf(mem, "%lu:%02lu", whole / 60, whole % 60);
}

static char *number_text(void *mem, double value)
{
    if (value == (double)(long long)value && value < 1e15 && value > -1e15)
        return talloc_asprintf(mem, "%lld", (long long)value);
    return talloc_asprintf(mem, "%.1f", value);
}

/* How a series is called in words. */
static const char *label_of(const struct incident *incident, const char *series)
{
    for (size_t i = 0; i < incident->series_count; i++)
        if (strcmp(incident->series[i].name, series) == 0)
            return incident->series[i].label;
    return series;
}

static const char *const fold_words[] = {
    [FOLD_MOST] = "at its highest", [FOLD_LEAST] = "at its lowest",
    [FOLD_MEAN] = "on average",     [FOLD_LAST] = "at the end of it",
    [FOLD_GROWTH] = "in that time", [FOLD_PER_MINUTE] = "in the worst minute"};

/* Where in the ten minutes the line counts. */
static char *span_text(void *mem, const struct slo *slo)
{
    if (slo->from == 0 && slo->to == 0)
        return talloc_strdup(mem, "");
    char *from = clock_text(mem, slo->from);
    return slo->to ? talloc_asprintf(mem, " between %s and %s", from, clock_text(mem, slo->to))
                   : talloc_asprintf(mem, " from %s on", from);
}

static char *series_message(void *mem, const struct incident *incident, const struct slo *slo,
                            const struct slo_finding *found)
{
    const char *label = label_of(incident, slo->series);
    const char *bound = slo->at_least ? "at least" : "at most";

    return talloc_asprintf(mem, "At %s it went wrong first: %s%s was %s %s; %s %s is asked for.",
                           clock_text(mem, found->wrong_since), label, span_text(mem, slo),
                           number_text(mem, found->value), fold_words[slo->fold], bound,
                           number_text(mem, slo->limit));
}

static char *unknown_message(void *mem, const struct slo *slo, const struct timeline *timeline)
{
    if (timeline->end == END_NOT_TOLD)
        return talloc_asprintf(mem, "The service was gone before this could be seen.");
    return talloc_asprintf(mem, "The service was gone at %s, before this%s could be seen.",
                           clock_text(mem, timeline->end_second),
                           slo->rule == SLO_SERIES ? span_text(mem, slo) : "");
}

/* The line of the program that allocated most of what is left. */
static struct place *forgotten(struct reading *reading, size_t *count)
{
    const struct run *run = reading->run;
    struct place *where = talloc_zero(reading->mem, struct place);
    struct frame *frames = NULL;
    struct symbols *symbols = run->timeline->memory_pc ? symbols_open(reading->mem, run->binary) : NULL;
    size_t found = symbols_resolve(symbols, reading->mem, run->timeline->memory_pc - 1, &frames);

    *count = found > 0 && frames[0].file ? 1 : 0;
    if (*count == 0)
        return NULL;
    const char *slash = strrchr(frames[0].file, '/');
    *where = (struct place){.file = talloc_strdup(reading->mem, slash ? slash + 1 : frames[0].file),
                            .line = frames[0].line,
                            .what = "most of it was allocated here"};
    where->learner = strcmp(where->file, reading->build->submission->name) == 0;
    if (where->learner)
        where->source = source_line(reading->mem, reading->build->submission, where->line);
    return where;
}

static char *whole_message(void *mem, const struct slo *slo, const struct timeline *t)
{
    if (slo->rule == SLO_LEDGER)
        return talloc_asprintf(mem, "Of %lu requests %lu never got an answer, of whatever kind.",
                               t->ledger.submitted, t->ledger.unanswered);
    if (slo->rule == SLO_CENSUS)
        return talloc_asprintf(mem, "%d thread%s still there when the service had shut down.",
                               t->threads_left, t->threads_left == 1 ? " is" : "s are");
    return talloc_asprintf(mem, "%lld bytes in %lu blocks were never freed.", t->memory_left, t->blocks_left);
}

/* By itself: done, and no fault. */
static void judge_end(struct reading *reading)
{
    const struct timeline *timeline = reading->run->timeline;

    explored_judge(reading);
    if (reading->finding_count > 0 || reading->trouble || timeline->end == END_DONE)
        return;
    const char *why = "it ended before its time";
    for (size_t i = 0; i < timeline->event_count; i++)
        if (strcmp(timeline->events[i].kind, "kill") == 0)
            why = timeline->events[i].text;
    reading_add(reading, &(struct finding){.class = reading->run->slo->class,
                                           .message = talloc_asprintf(
                                               reading->mem, "The service was killed at %s: %s.",
                                               clock_text(reading->mem, timeline->end_second), why)});
}

/* Lines that could not be seen fail with what ended the service, so that this is what a reader is told first.
 */
static enum verdict_class class_of_end(const struct run *run, const struct incident *incident)
{
    if (run->explored && run->explored->class != CLASS_NONE)
        return run->explored->class;
    for (size_t i = 0; i < incident->slo_count; i++)
        if (incident->slo[i].rule == SLO_ENDS)
            return incident->slo[i].class;
    return run->slo->class;
}

void slo_judge(struct reading *reading)
{
    const struct run *run = reading->run;
    const struct incident *incident = reading->build->exercise->incident;

    if (run->explored && run->explored->unsupported)
        explored_judge(reading);
    if (!run->timeline || reading->trouble)
        return;
    if (run->slo->rule == SLO_ENDS) {
        judge_end(reading);
        return;
    }
    if (run->slo->rule == SLO_RACES) {
        explored_judge(reading);
        return;
    }
    const struct slo_finding found = slo_hold(run->slo, run->timeline);
    if (found.holds)
        return;
    struct finding finding = {.class = found.known ? run->slo->class : class_of_end(run, incident)};
    finding.message = !found.known ? unknown_message(reading->mem, run->slo, run->timeline)
                      : run->slo->rule == SLO_SERIES
                          ? series_message(reading->mem, incident, run->slo, &found)
                          : whole_message(reading->mem, run->slo, run->timeline);
    if (found.known && run->slo->rule == SLO_MEMORY)
        finding.where = forgotten(reading, &finding.where_count);
    reading_add(reading, &finding);
}
