/* explored.h - what check.c asks of the schedule explorer's runtime when a check runs under it.
 *
 * Weak: in a program that is linked without that runtime all of them are NULL, and check.c does it by itself.
 * PC is where the check called, for the report. None of them orders anything in the eyes of a race detector.
 */
#ifndef DEEPEND_EXPLORED_H
#define DEEPEND_EXPLORED_H

#include "class.h"

#define EXPLORED __attribute__((weak))

/* The program is a check: it has ended well only if it said so. */
void explored_begin(void) EXPLORED;
void explored_done(void) EXPLORED;

/* Somebody else may get the turn before THING is changed. */
enum explored_thing { EXPLORED_GATE, EXPLORED_TALLY };
void explored_point(enum explored_thing kind, const void *thing, const void *pc) EXPLORED;

/* Block until *WORD is at least COUNT. */
void explored_await(enum explored_thing kind, const int *word, int count, const void *pc) EXPLORED;

/* Block until no other thread can go on without a gate being opened or the clock moved. */
void explored_settle(const void *pc) EXPLORED;

/* The same, but no longer than some virtual time; returns how many other threads have not ended. */
int explored_census(const void *pc) EXPLORED;

/* Threads that have not ended, the caller among them. */
int explored_threads(void) EXPLORED;

/* End the schedule with a verdict. */
void explored_fail(enum verdict_class class, const char *message, const void *pc) EXPLORED
    __attribute__((noreturn));

/* Keep LENGTH bytes at TEXT as the record of this run, for whoever had it run; a later one replaces an earlier
 * one. What is longer than EXPLORE_RECORD bytes is cut. */
void explored_record(const char *text, unsigned long length) EXPLORED;

/* The run is getting on: what is left of its processor time is counted from here, up to a limit of the whole.
 */
void explored_progress(void) EXPLORED;

/* Virtual nanoseconds since the run began, whatever the caller is in the middle of. */
unsigned long long explored_clock(void) EXPLORED;

/* What the caller has done so far is seen by whoever acquires THING later: an order that a race detector is to
 * know of. */
void explored_release(const void *thing) EXPLORED;
void explored_acquire(const void *thing) EXPLORED;

/* End the schedule at once with exit status STATUS, as somebody's kill would: it is over, and no fault. */
void explored_kill(int status) EXPLORED __attribute__((noreturn));

/* Told by the runtime, when the program has them: a block was allocated at PC, or is about to be freed; a
 * schedule is about to end, whatever the verdict. */
void check_allocated(void *block, const void *pc) EXPLORED;
void check_frees(void *block) EXPLORED;
void check_concludes(void) EXPLORED;

/* Asked of check.c by the runtime when a thread is to be created: EAGAIN when it shall be refused, else 0 and
 * perhaps another function to start with. */
int check_creates(void *(**run)(void *), void **arg) EXPLORED;

#endif
