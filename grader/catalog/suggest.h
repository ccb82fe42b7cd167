/* suggest.h - which known word a mistyped one was meant to be. Pure. */
#ifndef DEEPEND_SUGGEST_H
#define DEEPEND_SUGGEST_H

#include <stddef.h>

/* How many single letters must be changed, added, left out, or swapped with their neighbour, to turn A into
 * B: the optimal string alignment distance (Damerau 1964, without edits inside a swap). Case does not count.
 * At most WORD_LIMIT letters of each are looked at. */
enum { WORD_LIMIT = 80 };
unsigned edit_distance(const char *a, const char *b);

/* Whether DISTANCE is little enough for a word of LENGTH letters to be a slip of the finger. */
int is_near(unsigned distance, size_t length);

#endif
