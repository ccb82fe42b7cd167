/* confined.h - a submission's program as a target of the explorer, confined as all of them are. Private to
 * run/.
 */
#ifndef DEEPEND_RUN_CONFINED_H
#define DEEPEND_RUN_CONFINED_H

#include "run/run.h"

/* A target and all that it points to. */
struct confined {
    struct explore_target target;
    struct explore_confinement confinement;
};

/* RUN's program with ARGUMENTS (NULL-terminated, they must live as long). -1: see ERR; confined_end is due all
 * the same. */
int confined_begin(void *mem, struct confined *confined, const struct build *build, const struct run *run,
                   const char *const *arguments, struct error *err);
void confined_end(struct confined *confined);

#endif
