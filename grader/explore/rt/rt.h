/* rt.h - what the parts of the explorer's runtime offer each other, inside the tested program.
 *
 *   server.c      before main: the fork server, batches
 *   livelock.c    programs that go round for ever
 *   depth_first.c footprint.c library.c   the depth-first search, and what it must know to leave orders out
 *   schedule.c    whose turn it is: threads, the point, hand-over by futex, choices recorded or replayed
 *   strategy.c    random, PCT, POS, SURW: pure functions from (seed, history) to an option
 *   thread.c mutex.c cond.c rwlock.c semaphore.c barrier.c once.c time.c memory_failure.c   one wrapped
 * family each access.c      __tsan_read4, __tsan_write4, ...: level 1 (our own runtime) atomic.c
 * __tsan_atomic32_load, ... races.c       happens-before clocks over accesses (FastTrack) over_tsan.c   the
 * same points when clang's ThreadSanitizer lies beneath: wrappers by --wrap
 *
 * All of it is compiled without instrumentation and talks to the kernel by raw system calls, so that no
 * sanitizer sees it. One thread of the program runs at a time; so the runtime's own state needs no locks: it
 * belongs to whoever has the turn.
 */
#ifndef DEEPEND_EXPLORE_RT_H
#define DEEPEND_EXPLORE_RT_H

#include "check/class.h"
#include "explore/wire.h"

/* 1: the calling thread is one of the program's, under control, and not inside the runtime. 0: leave the call
 * to the real function. */
int rt_active(void);

/* 1: no other thread has been started, or all have ended: nobody could notice what the calling one does. */
int rt_alone(void);

/* Number of the calling thread, 0 is the main thread. */
int rt_self(void);

/* A scheduling point *before* an operation: somebody else may get the turn first. OBJECT is the address it
 * works on, PC where the program called (use
 * __builtin_return_address(0) in the wrapper itself). Returns when the caller has the turn. */
void rt_point(enum explore_operation operation, const void *object, const void *pc, unsigned size);

/* Record an event that is no scheduling point. */
void rt_note(enum explore_operation operation, const void *object, const void *pc, unsigned size);

/* Block the calling thread until ABLE(CONTEXT) is true at some point in the future; DEADLINE_NS virtual, or
 * RT_NEVER. Returns 0, or 1 when the deadline passed first. ABLE is asked whenever the turn is given away; it
 * must not change anything. WAITS_FOR: number of the thread whose doing it takes, if known, else -1 (asked
 * anew for the waits-for chain). */
#define RT_NEVER UINT64_MAX
int rt_block(enum explore_operation operation, const void *object, const void *pc, int (*able)(void *context),
             void *context, uint64_t deadline_ns);

/* A choice among ARITY options; 0 is the default. */
unsigned rt_choose(enum explore_choice_kind kind, unsigned arity);

/* 1 with a chance of PER_MILLE in a thousand, as a recorded choice; always 0 when PER_MILLE is 0. */
int rt_chance(enum explore_choice_kind kind, unsigned per_mille);

/* The request under way. */
const struct explore_request *rt_request(void);

/* Virtual nanoseconds since the schedule began. */
uint64_t rt_clock(void);

/* End the schedule with a verdict. PC2 and OBJECT may be NULL. Does not return. */
void rt_fail(enum verdict_class class, const void *pc, const void *pc2, const void *object,
             const char *format, ...) __attribute__((format(printf, 5, 6), noreturn));

/* End the schedule: WHAT is not modelled. Does not return. */
void rt_unsupported(const char *what, const void *pc) __attribute__((noreturn));

/* Happens-before: what the calling thread did so far is visible to whoever acquires OBJECT later. Implemented
 * in races.c; no-ops unless the request says detect_races. rt_started: CHILD begins after everything the
 * caller did. rt_ended: JOINER sees all CHILD did. */
void rt_release(const void *object);
void rt_acquire(const void *object);
void rt_started(int child);
void rt_ended(int child);

/* The step under way has looked at, or written, what lies at ADDRESS. For what no rt_point tells: the
 * depth-first search leaves out orders of steps that do not meet. */
void rt_touch(const void *address, unsigned long size, int is_write);

/* The step under way has changed something that others, or later steps, can see. For what is neither the
 * beginning nor the end of a wait, nor tells by its operation that it does. */
void rt_changed(void);

/* rt_touch for all that the C library keeps for everybody: the heap, what is printed. */
void rt_touch_library(void);

/* An access by the calling thread; reports a race by rt_fail. Implemented in races.c. */
void rt_accessed(const void *address, unsigned size, int is_write, int is_atomic, const void *pc);
/* Memory that is new or gone: forget what was known of it. */
void rt_forget(const void *address, unsigned long size);

#endif
