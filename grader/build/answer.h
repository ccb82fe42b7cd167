/* answer.h - what a learner's file of kind predict lists. Private to build/. */
#ifndef DEEPEND_ANSWER_H
#define DEEPEND_ANSWER_H

#include "build/build.h"

enum { LISTED_MOST = 200 }; /* different outcomes that an answer may list */

/* Fill submission->answer from its text. -1 (error_usage): it lists nothing, or more than LISTED_MOST. */
int answer_read(struct submission *submission, struct error *err);

#endif
