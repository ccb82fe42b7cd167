/* seeds.h - does the schedule explorer find what it should, whatever the seed?
 *
 * A grading uses one seed, so that its verdict is always the same. That it does not hang on that seed is
 * shown here: with each of many seeds every known-wrong answer of a class that is the explorer's to find must
 * be found, its token must replay, and every solution must pass with the same number of schedules.
 */
#ifndef DEEPEND_CMD_SEEDS_H
#define DEEPEND_CMD_SEEDS_H

#include "cmd/cmd.h"
#include "report/report.h"

/* Try the COUNT exercises with SEEDS seeds each, one line a file. */
enum exit_status seeds_try(struct session *session, const struct exercise *const *exercises, size_t count,
                           unsigned seeds, const struct report_style *style);

#endif
