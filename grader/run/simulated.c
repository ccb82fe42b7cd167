/* simulated.c - the service of an incident, run in virtual time. See simulated.h.
 *
 * One run serves all lines of the objective that are asked of its variant. It is confined as the exploring
 * variants are; nothing in it depends on time.
 */
#include "run/simulated.h"

#include "run/confined.h"

#include <string.h>
#include <talloc.h>

enum {
    LOOP_SECONDS = 4,    /* processor time in which the virtual clock must move */
    RUN_SECONDS = 300,   /* processor time of it all */
    REAL_SECONDS = 1800, /* a machine may be very busy */
};

static const struct slo *slo_of(const struct incident *incident, const struct check_spec *check)
{
    for (size_t i = 0; i < incident->slo_count; i++)
        if (strcmp(incident->slo[i].name, check->name) == 0)
            return &incident->slo[i];
    return NULL;
}

static const struct run *earlier_of(const struct run *runs, const struct run *run)
{
    for (; runs < run; runs++)
        if (runs->variant == run->variant)
            return runs;
    return NULL;
}

static const char **arguments_for(void *mem, const struct incident *incident, const struct variant *variant)
{
    const char **words = talloc_zero_array(mem, const char *, 5);
    int races = variant->threads == THREADS_EXPLORED_OVER_TSAN;

    words[0] = variant->name;
    words[1] = talloc_asprintf(mem, "%u", races ? incident->race_seconds : incident->seconds);
    words[2] = talloc_asprintf(mem, "%u", incident->budget_mb);
    words[3] = talloc_asprintf(mem, "%u", incident->seed);
    return words;
}

/* What is seen of RUN in the run EARLIER. */
static void take_over(struct run *run, const struct run *earlier)
{
    run->end = earlier->end;
    run->trouble = earlier->trouble;
    run->explored = earlier->explored;
    run->timeline = earlier->timeline;
    run->completed = earlier->completed;
}

/* A service that goes round for ever in virtual time does so above a sanitizer too, only much longer. */
static int is_hopeless(const struct run *runs)
{
    return runs->explored && runs->explored->class == CLASS_LIVELOCK;
}

static void simulate(void *mem, const struct build *build, struct run *run)
{
    const struct incident *incident = build->exercise->incident;
    const struct explore_simulation limits = {
        .loop_seconds = LOOP_SECONDS * run->variant->time_factor,
        .run_seconds = RUN_SECONDS,
        .real_seconds = REAL_SECONDS,
    };
    struct explore_report *report = NULL;
    struct confined confined;
    struct error err = {0};
    int result = confined_begin(mem, &confined, build, run, arguments_for(mem, incident, run->variant), &err);

    if (result == 0)
        result = explore_simulate(mem, &confined.target, &limits, &report, &err);
    confined_end(&confined);
    run->end = result == 0 ? RUN_EXITED : RUN_NOT_STARTED;
    if (result != 0) {
        run->trouble = talloc_strdup(mem, err.text);
        return;
    }
    run->seconds = report->seconds;
    run->explored = report;
    run->timeline = timeline_read(mem, report->record);
    run->completed = !report->unsupported; /* its timeline tells what it came to */
}

void simulated_run(void *mem, const struct build *build, struct run *runs, size_t count,
                   const struct run_options *options)
{
    for (size_t i = 0; i < count; i++) {
        struct run *run = &runs[i];
        const struct run *earlier = earlier_of(runs, run);

        run->slo = slo_of(build->exercise->incident, run->check);
        run->output = talloc_strdup(mem, "");
        run->log = talloc_strdup(mem, "");
        if (options->progress)
            options->progress(options->context, run->check->name, run->variant->name, i, count);
        if (earlier || is_hopeless(runs))
            take_over(run, earlier ? earlier : runs);
        else
            simulate(mem, build, run);
    }
}
