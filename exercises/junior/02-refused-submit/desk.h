/* desk.h - what the exercise asks for, and what it gives. */
#ifndef DESK_H
#define DESK_H

#include "pool.h" /* the pool itself: read at least what it says about submitting */

enum desk_answer {
    DESK_TAKEN,     /* it will be cooked, or the customer will hear an apology */
    DESK_COME_BACK, /* refused: the kitchen has no room now, but may have some in a minute */
    DESK_CLOSED     /* refused: the kitchen takes no more, and never will again */
};

/* Take one order for the kitchen, and answer at once, whatever the kitchen does. ORDER is the customer's own
 * paper: it may be used for something else as soon as this returns. Any thread may call it. Yours to write.
 */
enum desk_answer desk_take(struct pool *kitchen, const char *order);

/* The kitchen's `discard` function: called for each slip that was accepted and will never be cooked. The
 * customer of that order must hear an apology. Yours as well. */
void desk_drop(void *slip);

/* Cook one order; takes a while. Given; may be called from any thread. */
void cook(const char *order);

/* Apologise for one order that was taken and will not be cooked. Given; may be called from any thread. */
void apologise(const char *order);

#endif
