/* story.h - what a traced schedule did, told in words. Private to the explorer. */
#ifndef DEEPEND_EXPLORE_STORY_H
#define DEEPEND_EXPLORE_STORY_H

#include "explore/explore.h"
#include "explore/names.h"

/* Fill REPORT's class, message, why, where, waits, steps and decisive from the schedule that ARENA holds with
 * its trace. Memory hangs on REPORT. */
void story_tell(struct explore_report *report, const struct explore_arena *arena, struct names *names);

/* steps.c: its steps and the decisive one only. */
void story_steps(struct explore_report *report, const struct explore_arena *arena, struct names *names);

/* fold.c: rounds of a loop in the report's steps become one. */
void story_fold(struct explore_report *report);

/* story_race.c: its message, why and where, for a race. */
void story_race(struct explore_report *report, const struct explore_arena *arena,
                const struct explore_outcome *outcome, struct names *names);

/* The same for a use of memory that has been freed. */
void story_freed(struct explore_report *report, const struct explore_arena *arena,
                 const struct explore_outcome *outcome, struct names *names);

/* "locks", "waits on", ... */
const char *story_verb(enum explore_operation operation);

/* The place of PC added to the report's. */
void story_place(struct explore_report *report, const struct source_place *place, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#endif
