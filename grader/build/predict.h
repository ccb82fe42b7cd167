/* predict.h - the build of an exercise of kind predict. Private to build/. */
#ifndef DEEPEND_PREDICT_H
#define DEEPEND_PREDICT_H

#include "build/diagnostics.h"

/* Complete BUILD: the exercise's program, built for the explorer, and a warning for each outcome that the
 * answer lists twice. -1 (error_grader): the program does not compile, or the cache cannot be written. */
int predict_build(struct build *build, const char *root, struct diagnostics *list, struct error *err);

#endif
