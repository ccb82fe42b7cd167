/* story_race.c - faults of two accesses in words: a race, and a use of what has been freed. See story.h.
 *
 * The outcome has the two places and the address. Who it was and whether it was read or written tells the
 * trace, when the accesses are in it: without memory points they are not.
 */
#include "explore/story.h"

#include <string.h>
#include <talloc.h>

/* The last event at PC, before the one with index BEFORE, that touched ADDRESS; else the last one there;
 * NULL: none. A copy reads and writes at one place. */
static const struct explore_event *last_event(const struct explore_arena *arena, uint64_t pc,
                                              uint64_t address, uint32_t before)
{
    const struct explore_event *last = NULL;

    for (uint32_t i = before; i-- > 0;) {
        const struct explore_event *event = &arena->event[i];
        if (event->pc != pc || !pc)
            continue;
        if (address - event->object < (event->size ? event->size : 1u))
            return event;
        last = last ? last : event;
    }
    return last;
}

/* What both touch. Without a trace of accesses the source has to tell. */
static const char *raced_name(const struct explore_outcome *outcome, struct names *names,
                              const struct explore_event *second)
{
    struct explore_event event = {
        .object = outcome->object, .pc = outcome->pc[0], .operation = OPERATION_READ};

    if (second)
        event.pc = second->pc, event.operation = second->operation;
    const char *name = names_object(names, &event);
    return !name || strncmp(name, "memory ", 7) == 0 ? "the same memory"
                                                     : talloc_asprintf(names, "`%s`", name);
}

/* "thread 1 writes", "thread 1 touches", "another thread touches". */
static const char *deed(struct names *names, const struct explore_event *event, int thread)
{
    if (event)
        return talloc_asprintf(names, "%s %s", names_thread(names, event->thread),
                               story_verb((enum explore_operation)event->operation));
    return talloc_asprintf(names, "%s touches", thread < 0 ? "another thread" : names_thread(names, thread));
}

void story_race(struct explore_report *report, const struct explore_arena *arena,
                const struct explore_outcome *outcome, struct names *names)
{
    const struct explore_event *second = last_event(arena, outcome->pc[0], outcome->object, outcome->events);
    uint32_t before = second ? (uint32_t)(second - arena->event) : outcome->events;
    const struct explore_event *first = last_event(arena, outcome->pc[1], outcome->object, before);
    const char *name = raced_name(outcome, names, second);
    const char *deeds[] = {deed(names, first, -1), deed(names, second, (int)outcome->thread)};

    report->message = talloc_asprintf(
        report, "%s %s and %s it, with nothing between them that orders the two", deeds[0], name, deeds[1]);
    report->why =
        talloc_strdup(report, "No lock is held at both places, and no join, signal or atomic orders "
                              "them: either may come first, or both at once");
    for (int i = 0; i < 2; i++)
        story_place(report, names_place(names, outcome->pc[1 - i]), "%s %s", deeds[i], name);
}

void story_freed(struct explore_report *report, const struct explore_arena *arena,
                 const struct explore_outcome *outcome, struct names *names)
{
    const struct explore_event *use = last_event(arena, outcome->pc[0], outcome->object, outcome->events);
    const char *user = deed(names, use, (int)outcome->thread);

    report->message = talloc_asprintf(report, "%s memory that has been freed", user);
    report->why =
        talloc_strdup(report, "Nothing makes the one who frees it wait until nobody uses it any more");
    story_place(report, names_place(names, outcome->pc[0]), "%s it", user);
    story_place(report, names_place(names, outcome->pc[1]), "it was freed here before");
}
