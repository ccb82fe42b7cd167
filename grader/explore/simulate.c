/* simulate.c - one long run of a program in virtual time, see explore_simulate in explore.h.
 *
 * The schedule in which every choice is the default: a thread goes on until it cannot, then the next by
 * number. It has no choices to record and is the same each time, so nothing is searched, shortened or run
 * twice; what the program kept as its record comes back with the verdict.
 */
#include "explore/explore.h"

#include "base/process.h"
#include "explore/names.h"
#include "explore/session.h"
#include "explore/story.h"

#include <talloc.h>

static struct explore_request request_for(const struct explore_simulation *wanted)
{
    return (struct explore_request){
        .version = EXPLORE_VERSION,
        .strategy = EXPLORE_REPLAY,
        .seed = 1,
        .stride = 1,
        .count = 1,
        .step_limit = UINT64_MAX,
        .stop_at_first = 1,
        .simulate = 1,
        .loop_seconds = wanted->loop_seconds,
        .run_seconds = wanted->run_seconds,
        .real_seconds = wanted->real_seconds,
    };
}

static void tell(const struct explore_target *target, const struct explore_arena *arena,
                 struct explore_report *report)
{
    struct names *names = names_open(report, target);
    size_t length = arena->record_length < EXPLORE_RECORD ? arena->record_length : EXPLORE_RECORD;

    report->run = 1;
    report->failed = arena->last.class != CLASS_NONE;
    report->clock = (double)arena->last.clock_ns / 1e9;
    report->exit_status = arena->last.exit_status;
    report->record = talloc_strndup(report, arena->record, length);
    if (arena->last.unsupported) {
        report->unsupported = talloc_strdup(report, arena->last.message);
        story_place(report, names_place(names, arena->last.pc[0]), "%s", arena->last.message);
    } else if (arena->last.class != CLASS_NONE)
        story_tell(report, arena, names);
}

int explore_simulate(void *mem, const struct explore_target *target, const struct explore_simulation *wanted,
                     struct explore_report **report, struct error *err)
{
    const struct explore_request request = request_for(wanted);
    double begun = clock_seconds();
    void *scratch = talloc_new(mem);
    struct explore_session *session = session_start(scratch, target, 1, err);
    int result = session && session_ask(session, 0, &request, err) == 0 ? session_wait(session, err) : -1;

    *report = talloc_zero(mem, struct explore_report);
    if (result == 0)
        tell(target, session_arena(session, 0), *report);
    (*report)->seconds = clock_seconds() - begun;
    talloc_free(scratch);
    return result;
}
