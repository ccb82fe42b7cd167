/* search.h - the search for a failing schedule: rounds of schedules, shared out among the servers. Private to
 * the explorer.
 */
#ifndef DEEPEND_EXPLORE_SEARCH_H
#define DEEPEND_EXPLORE_SEARCH_H

#include "explore/schedule.h"

struct search_output {
    char *text;
    size_t length;
    uint64_t count, first; /* index of the schedule that gave it first, from 0 */
    struct schedule schedule;
};

/* What a search came to. All of it depends on the options alone, not on the number of servers or their speed,
 * unless time ran out. */
struct search {
    uint64_t run, failed, first; /* schedules; `first` counts from 1, 0: none failed */
    int exhausted, nondeterministic;
    struct explore_outcome fault;  /* of the first failing one; or the one that says `unsupported` */
    struct schedule schedule;      /* the first failing one, by its choices */
    struct explore_request seeded; /* the same by strategy and seed; its strategy is REPLAY if it has none */
    struct search_output *outputs; /* by first appearance */
    size_t output_count;
};

/* Memory hangs on MEM. -1: the program could not be run. */
int search_run(void *mem, struct explore_session *session, const struct explore_options *options,
               struct search *search, struct error *err);

#endif
