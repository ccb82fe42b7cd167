/* check.h - what the checks of an exercise are written with.
 *
 *     #include "check.h"
 *     #include "tasks.h"                      // what the learner's file must offer
 *
 *     static void own_index(void)
 *     {
 *         int got[4] = {0};
 *         run_tasks(got, 4);
 *         for (int i = 0; i < 4; i++)
 *             CHECK_INT(got[i], i, "task %d saw another task's index", i);
 *     }
 *
 *     CHECKS({"own-index", own_index});
 *
 * The grader runs every check in a process of its own, under each variant that exercise.yaml names for it. A
 * check that returns has passed, unless a tool (ThreadSanitizer, Valgrind, the thread census) saw something.
 * A check that fails ends its process at once. Never judge by time: hold threads with gates, count, and let
 * the grader's watchdog find what hangs.
 *
 * These functions may be called from any thread. None creates a happens-before edge that ThreadSanitizer
 * can see: a check never hides the learner's race by accident.
 */
#ifndef DEEPEND_CHECK_H
#define DEEPEND_CHECK_H

#include "class.h"
#include <stddef.h>

/* --- the table -------------------------------------------------------------------------------------- */

struct check {
    const char *name; /* as in exercise.yaml, and unique in it */
    void (*run)(void);
};

/* Define the exercise's checks; stands once, at the end of check.c. */
#define CHECKS(...) const struct check check_table[] = {__VA_ARGS__, {NULL, NULL}}
extern const struct check check_table[];

/* --- failing ---------------------------------------------------------------------------------------- */

/* End this check as failed, with CLASS and one sentence for the learner (no full stop, no tool names).
 * Does not return. CHECK_FAIL adds the place in the check's file. */
void check_fail_at(const char *file, int line, enum verdict_class class, const char *format, ...)
    __attribute__((format(printf, 4, 5), noreturn));
#define CHECK_FAIL(class, ...) check_fail_at(__FILE__, __LINE__, class, __VA_ARGS__)

/* Fail with CLASS and the message unless CONDITION holds. */
#define CHECK_THAT(condition, class, ...)                                                                    \
    do {                                                                                                     \
        if (!(condition))                                                                                    \
            CHECK_FAIL(class, __VA_ARGS__);                                                                  \
    } while (0)

/* Fail with wrong-result unless two integers are equal; the values are added to the message. */
#define CHECK_INT(got, want, ...)                                                                            \
    check_int_at(__FILE__, __LINE__, (long long)(got), (long long)(want), __VA_ARGS__)
void check_int_at(const char *file, int line, long long got, long long want, const char *format, ...)
    __attribute__((format(printf, 5, 6)));

/* --- gates: force an interleaving ------------------------------------------------------------------- */

/* A gate is closed at first. gate_wait returns once somebody has opened it; open gates stay open.
 * Zero-initialised is ready for use: `static struct gate go;` */
struct gate {
    int open;
    int waiting;
};
void gate_open(struct gate *gate);
void gate_wait(struct gate *gate);

/* Block until COUNT threads stand in gate_wait on GATE. */
void gate_await(struct gate *gate, int count);

/* --- counters that order nothing -------------------------------------------------------------------- */

/* Count events across threads without ordering the threads (relaxed, unseen by the sanitizer).
 * tally_await blocks until the tally has reached COUNT. Zero-initialised is ready for use. */
struct tally {
    int count;
};
int tally_add(struct tally *tally, int amount); /* returns the new count */
int tally_read(const struct tally *tally);
void tally_await(struct tally *tally, int count);

/* Block until every other thread of the process but the sanitizer's own is blocked for good or in a gate: the
 * program has nothing left to do. The grader looks from outside (thread states, no sleep, no guess), so the
 * answer is the same on a slow machine. Use it to say "the queue is full and the third submit is waiting". A
 * thread in a timed wait counts as not settled. */
void check_settle(void);

/* --- threads that start late, or not at all ---------------------------------------------------------- */

/* From now on a new thread takes its first step only when no other thread can move any more, and such threads
 * go one by one: the schedule in which the creator always wins. Finds arguments that die, or change, before
 * the thread has looked at them. */
void check_start_late(void);

/* Let the NTH pthread_create from now (1 is the next) fail with EAGAIN; 0 takes it back. */
void check_refuse_thread(int nth);

/* --- the machine ------------------------------------------------------------------------------------ */

/* The variant this process runs as: "tsan", "memory", "native", ... Lets a check do less work under a slow
 * tool. */
const char *check_variant(void);

/* Monotonic nanoseconds, for ratios in `native` checks only. */
long long check_nanoseconds(void);

/* Number of threads of this process, without those of the tools themselves; asked of the grader. */
int check_threads(void);

/* Print a diagnosis line that the report shows below the verdict (a table of a simulation, say). */
void check_note(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
