/* explore.c - thin first version. */
#include "explore/explore.h"
#include "explore/session.h"

#include "base/process.h"
#include <talloc.h>

int explore_run(void *mem, const struct explore_target *target, const struct explore_options *options,
                struct explore_report **out, struct error *err)
{
    struct explore_report *report = talloc_zero(mem, struct explore_report);
    struct explore_session *session = session_start(mem, target, 1, err);
    double begun = clock_seconds();

    if (!session)
        return -1;
    struct explore_request request = {.version = EXPLORE_VERSION,
                                      .strategy = options->strategy,
                                      .seed = options->seed,
                                      .stride = 1,
                                      .count = options->schedules,
                                      .step_limit = options->step_limit,
                                      .bound = options->bound,
                                      .memory_points = options->memory_points,
                                      .detect_races = options->detect_races,
                                      .stop_at_first = 1};
    if (session_ask(session, 0, &request, err) != 0 || session_wait(session, err) != 0)
        return -1;
    struct explore_arena *arena = session_arena(session, 0);
    report->run = arena->batch.run;
    report->failed = arena->batch.failed;
    report->first = arena->batch.first;
    report->class = arena->last.class;
    report->message = talloc_strdup(report, arena->last.message);
    report->unsupported = arena->last.unsupported ? report->message : NULL;
    report->exhausted = arena->batch.exhausted;
    report->seconds = clock_seconds() - begun;
    *out = report;
    talloc_free(session);
    return 0;
}
