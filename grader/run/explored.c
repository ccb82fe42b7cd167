/* explored.c - a check under the schedule explorer, see explored.h.
 *
 * The explorer starts the program itself, confined by our command and filter: one server a processor, which
 * forks a process for each schedule. The number of schedules is fixed and so is the first seed, so the same
 * program always gets the same verdict; nothing here depends on time.
 */
#include "run/explored.h"

#include "base/process.h"
#include "run/confined.h"

#include <talloc.h>

enum { STEPS_MOST = 20000 }; /* of one schedule: a check is small */

static const char **check_arguments(void *mem, const struct run *run)
{
    const char **words = talloc_zero_array(mem, const char *, 3);

    words[0] = run->check->name;
    words[1] = run->variant->name;
    return words;
}

void explored_run(void *mem, const struct build *build, struct run *run, const struct run_options *wanted)
{
    struct explore_options options = explore_defaults();
    struct explore_report *report = NULL;
    struct confined confined;
    struct error err = {0};
    double begun = clock_seconds();

    options.schedules = run->variant->schedules;
    options.step_limit = STEPS_MOST;
    options.detect_races =
        0; /* the check's own gates order nothing; races are for the variants of a sanitizer */
    options.minimise = !wanted->as_found;
    if (wanted->seed)
        options.seed = wanted->seed;
    int result = confined_begin(mem, &confined, build, run, check_arguments(mem, run), &err);
    if (result == 0)
        result = explore_run(mem, &confined.target, &options, &report, &err);
    confined_end(&confined);
    run->output = talloc_strdup(mem, "");
    run->log = talloc_strdup(mem, "");
    run->seconds = clock_seconds() - begun;
    run->end = result == 0 ? RUN_EXITED : RUN_NOT_STARTED;
    if (result != 0) {
        run->trouble = talloc_strdup(mem, err.text);
        return;
    }
    run->explored = report;
    run->completed = report->class == CLASS_NONE && !report->unsupported && report->run > 0;
}

int explored_replay(void *mem, const struct build *build, const struct run *run, const char *token,
                    struct explore_report **report, struct error *err)
{
    struct confined confined;
    int result = confined_begin(mem, &confined, build, run, check_arguments(mem, run), err);

    if (result == 0)
        result = explore_replay(mem, &confined.target, token, report, err);
    confined_end(&confined);
    return result;
}
