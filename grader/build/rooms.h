/* rooms.h - which rooms of the reference library a program stands on. Private to build/.
 *
 * A room is a folder below reference/. It is taken whole or not at all, and with it those whose headers it
 * includes: so a room that an exercise has no use for costs it nothing, and cannot break it.
 */
#ifndef DEEPEND_BUILD_ROOMS_H
#define DEEPEND_BUILD_ROOMS_H

#include "base/error.h"

/* The folders of the rooms whose headers TEXT includes, or the rooms include, in the order of their names;
 * absolute, NULL-terminated, on MEM. A header that FOLDER holds is the exercise's own. NULL (error_grader)
 * when a file of the library cannot be read. */
const char **rooms_used(void *mem, const char *root, const char *folder, const char *text, struct error *err);

/* Call USE on every file that PATTERN (below FOLDER) matches, in the order of their names. Stops at the first
 * -1. */
int each_file(void *mem, const char *folder, const char *pattern,
              int (*use)(void *context, const char *path, struct error *err), void *context,
              struct error *err);

#endif
