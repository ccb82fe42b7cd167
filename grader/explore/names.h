/* names.h - what the addresses in a trace are called in the program's source. Private to the explorer.
 *
 *     struct names *names = names_open(mem, &target);
 *     names_place(names, event->pc)->line
 *     names_object(names, event)                  // "lock", "pool->lock", "mutex 2", "thread 1"
 *
 * All results live as long as the names do. Owner thread only.
 */
#ifndef DEEPEND_EXPLORE_NAMES_H
#define DEEPEND_EXPLORE_NAMES_H

#include "explore/explore.h"

struct names;

struct source_place {
    const char *file;   /* base name, or NULL */
    int line;           /* 0: unknown */
    const char *source; /* the line's text without the blanks around it, or NULL */
};

/* TARGET must live as long. */
struct names *names_open(void *mem, const struct explore_target *target);

/* The place of the call that returns to PC. Never NULL. */
const struct source_place *names_place(struct names *names, uint64_t pc);

/* Whether the call that returns to PC stands in the file that is looked at, the target's `source_file`; where
 * there is none, all of them are. */
int names_own(struct names *names, uint64_t pc);
const char *names_own_file(const struct names *names); /* or NULL */

/* Name what the event worked on if its line tells how. To be called for all events first: the line where an
 * object is used first may not be the one that names it. */
void names_learn(struct names *names, const struct explore_event *event);

/* What the event worked on, as the source calls it; what has no name there is numbered. An object keeps the
 * name that it was given first. NULL: it worked on none. */
const char *names_object(struct names *names, const struct explore_event *event);

/* "main" or "thread 2". */
const char *names_thread(struct names *names, int thread);

#endif
