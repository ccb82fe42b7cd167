/* hints.h - the hints of hints.md: one under each `## ` heading. */
#ifndef DEEPEND_HINTS_H
#define DEEPEND_HINTS_H

#include "base/error.h"
#include <stddef.h>

struct hint {
    char *title; /* the heading's text */
    char *body;  /* the Markdown below it, up to the next heading of that rank */
};

/* Cut TEXT at its second-rank headings; those inside fenced code are no headings. *HINTS hangs on MEM.
 * Returns how many. */
size_t hints_split(void *mem, const char *text, struct hint **hints);

#endif
