/* explored.c - what the schedule explorer reported, as a finding.
 *
 * The explorer has words for everything it finds; what is added here is which lines are the learner's.
 */
#include "observe/judges.h"
#include "observe/source.h"

#include <string.h>
#include <talloc.h>

static struct place *places(struct reading *reading, const struct explore_report *report)
{
    struct place *where = talloc_zero_array(reading->mem, struct place, (unsigned)report->where_count + 1);

    for (size_t i = 0; i < report->where_count; i++) {
        const struct explore_place *from = &report->where[i];
        where[i] = (struct place){.file = from->file, .line = from->line, .what = from->what};
        where[i].learner = strcmp(from->file, reading->build->submission->name) == 0;
        if (where[i].learner)
            where[i].source = source_line(reading->mem, reading->build->submission, from->line);
    }
    return where;
}

static char *why(struct reading *reading, const struct explore_report *report)
{
    const char *reason = report->why ? report->why : "Another order of the threads was all it took";
    return talloc_asprintf(reading->mem, "%s.", reason);
}

/* One more sentence for programs that do not do the same twice. */
static const char *doubt(const struct explore_report *report)
{
    return report->nondeterministic
               ? " (The program did not do the same when the schedule was run again: it depends on more than "
                 "the order of its threads.)"
               : "";
}

void explored_judge(struct reading *reading)
{
    const struct explore_report *report = reading->run->explored;

    if (report->unsupported) {
        reading->trouble = talloc_asprintf(
            reading->mem, "the schedule explorer does not know how to follow %s", report->unsupported);
        return;
    }
    if (report->class == CLASS_NONE)
        return;
    reading_add(reading, &(struct finding){.class = report->class,
                                           .message = talloc_asprintf(reading->mem, "%s.%s", report->message,
                                                                      doubt(report)),
                                           .why = why(reading, report),
                                           .where = places(reading, report),
                                           .where_count = report->where_count});
}
