/* predict.h - the build of an exercise of kind predict. Private to build/. */
#ifndef DEEPEND_PREDICT_H
#define DEEPEND_PREDICT_H

#include "build/diagnostics.h"

/* As build_submission: the exercise's program, built for the explorer, and a warning for each outcome that
 * the answer lists twice. NULL (error_grader): the program does not compile, or the cache cannot be written.
 */
struct build *predict_build(void *mem, const char *root, const struct exercise *exercise,
                            const struct submission *submission, struct error *err);

#endif
