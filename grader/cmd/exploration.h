/* exploration.h - what `explore` and `replay` both print. Private to cmd/. */
#ifndef DEEPEND_EXPLORATION_H
#define DEEPEND_EXPLORATION_H

#include "base/exit.h"
#include "explore/explore.h"
#include "explore/show.h"

#include <jansson.h>

/* "deepend/explore/1". STEPS: 1: with the interleaving. */
json_t *exploration_json(void *mem, const struct explore_report *report, int steps);

/* The same shape when nothing could be judged. */
json_t *exploration_json_error(const char *text);

/* How stdout wants to be written to. */
struct show exploration_show(void);

/* Verdict and interleaving. */
void exploration_print_fault(const struct show *show, const struct explore_report *report);

/* On stderr: what is not modelled, and where. */
void exploration_print_unsupported(const struct explore_report *report);

enum exit_status exploration_status(const struct explore_report *report);

#endif
