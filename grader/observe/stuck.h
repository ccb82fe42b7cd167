/* stuck.h - where the threads of a run stand, in words. */
#ifndef DEEPEND_STUCK_H
#define DEEPEND_STUCK_H

#include "observe/reading.h"

enum stuck_whom { STUCK_ALL, STUCK_OTHERS /* all but the main thread */ };

/* "thread 2 waits for a mutex that thread 1 holds (line 14); thread 1 waits for thread 2 to end (line 30)". A
 * circle comes first; equal stands are told together, the first few of them. *WHERE gets the place of each
 * stand that has one. */
char *stuck_words(struct reading *reading, enum stuck_whom whom, struct place **where, size_t *where_count);

#endif
