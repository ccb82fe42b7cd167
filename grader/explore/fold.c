/* fold.c - steps that go round and round, told once: see story.h.
 *
 * A loop that waits for something gives the same few rows by the hundred. The first round stays, and behind
 * it one row says how many more there are. A row with a switch or another choice is never folded away.
 */
#include "explore/story.h"

#include <string.h>
#include <talloc.h>

enum { LONGEST = 8, ROUNDS = 4 }; /* rows in a round; rounds from which on they are folded */

static int same_text(const char *a, const char *b)
{
    return a == b || (a && b && strcmp(a, b) == 0);
}

static int same(const struct explore_step *a, const struct explore_step *b)
{
    return a->thread == b->thread && a->operation == b->operation && a->line == b->line && !b->preempts &&
           !b->choice && same_text(a->file, b->file) && same_text(a->object, b->object) &&
           same_text(a->note, b->note) && same_text(a->held, b->held);
}

/* How many rows behind the first LENGTH from AT on are further rounds of these. */
static size_t further(const struct explore_report *report, size_t at, size_t length)
{
    size_t next = at + length;

    while (next < report->step_count && next != report->decisive &&
           same(&report->steps[next - length], &report->steps[next]))
        next++;
    return (next - at) / length * length - length;
}

/* The round that begins at AT, and *MORE rows behind it; 0: none does. */
static size_t round_at(const struct explore_report *report, size_t at, size_t *more)
{
    for (size_t length = 1; length <= LONGEST && at + length < report->step_count; length++) {
        *more = further(report, at, length);
        if (*more >= (ROUNDS - 1) * length)
            return length;
    }
    return 0;
}

static struct explore_step marker(struct explore_report *report, size_t length, size_t more)
{
    return (struct explore_step){
        .thread = -1,
        .left_out = more,
        .note = length == 1
                    ? talloc_asprintf(report, "this step comes %zu times more", more)
                    : talloc_asprintf(report, "these %zu steps come %zu times more", length, more / length)};
}

void story_fold(struct explore_report *report)
{
    size_t to = 0, decisive = SIZE_MAX, more, count = report->step_count;

    for (size_t from = 0; from < count;) {
        size_t length = round_at(report, from, &more), rows = length ? length : 1;
        for (size_t i = 0; i < rows; i++, from++) {
            decisive = from == report->decisive ? to : decisive;
            report->steps[to++] = report->steps[from];
        }
        if (length) {
            report->steps[to++] = marker(report, length, more);
            from += more;
        }
    }
    report->step_count = to;
    report->decisive = decisive != SIZE_MAX ? decisive : to;
}
