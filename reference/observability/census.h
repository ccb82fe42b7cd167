/* census.h - which threads are here that were not here before? A leak check, as goleak does it for
 * goroutines.
 *
 *     struct pool_census *census;
 *     if (pool_census_create(&census, NULL) != POOL_OK) ...      // who is here now may stay
 *     work_that_should_clean_up_behind_itself();
 *     if (pool_census_check(census, NULL, leaks, 8, &count) == POOL_FAILED)
 *         for (size_t i = 0; i < count && i < 8; i++)            // name, label, file and line of each
 *             puts((pool_leak_text(text, sizeof text, &leaks[i]), text));
 *     pool_census_destroy(census);
 *
 * A sanitizer does not do this: ThreadSanitizer tells of threads that finished and were not joined, and
 * nothing of those that still run or are blocked (G3, X21). The census is the other half: it sees every
 * thread that the system runs, and none that has finished.
 *
 * Threads are compared one by one, by number and start time, and not counted: a leak does not hide behind
 * another thread's end (X32). A thread that is joined stays in the system's list for a moment, so the check
 * looks again after growing pauses before it says that somebody leaked.
 *
 * Source: go.uber.org/goleak, options.go: 20 tries, pauses of 1 us doubling up to 100 ms, about 430 ms in
 * all. It ignores by the function on top of a stack; here it is by name (pthread_setname_np).
 */
#ifndef DEEPEND_POOL_CENSUS_H
#define DEEPEND_POOL_CENSUS_H

#include "clock.h"
#include "roster.h"

#ifdef __cplusplus
extern "C" {
#endif

struct pool_census;

enum { POOL_THREAD_NAME_SIZE = 16, POOL_CENSUS_TRIES = 20 };

struct pool_census_options {
    const char *const *ignore; /* names that are nobody's leak; "io-*" is every name that begins with "io-" */
    size_t ignore_count;
    struct pool_roster *roster; /* tells labels and creation sites; may be NULL. Must outlive the census */
    const struct pool_clock *clock; /* what a deadline is compared with; NULL: CLOCK_MONOTONIC */
    void (*pause)(void *context, uint64_t nanoseconds); /* instead of really pausing; NULL: really */
    void *context;                                      /* for pause */
};

/* Note every thread of the process as one that may stay. OPTIONS may be NULL; the names are copied.
 * POOL_INVALID, POOL_NO_MEMORY, or POOL_SYSTEM (no /proc) leave *CENSUS NULL. */
POOL_MUST_LOOK enum pool_status pool_census_create(struct pool_census **census,
                                                   const struct pool_census_options *options);
void pool_census_destroy(struct pool_census *census);

/* One thread too many. */
struct pool_leak {
    int tid;
    char name[POOL_THREAD_NAME_SIZE]; /* the system's */
    char state;              /* as /proc has it: R runs, S sleeps, D sleeps in the kernel, T is stopped */
    struct pool_birth birth; /* empty unless it was started through the roster */
};

/* Look until only those are left who were here before, the ignored, and the caller: POOL_OK. POOL_FAILED:
 * after POOL_CENSUS_TRIES pauses, or at DEADLINE if that is not NULL, *COUNT others were still here, the
 * first ROOM of which are in LEAKS (may be NULL if ROOM is 0), in the system's order. Allocates nothing of
 * its own. Any thread, any number of times; from inside a task too, but then whoever waits for that task is
 * kept waiting. POOL_SYSTEM: the list cannot be read any more. POOL_INVALID: NULL, or a deadline that is
 * none. */
POOL_MUST_LOOK enum pool_status pool_census_check(const struct pool_census *census,
                                                  const struct timespec *deadline, struct pool_leak *leaks,
                                                  size_t room, size_t *count);

/* One line of English about LEAK into TEXT (SIZE bytes, always ended). Returns its length, as snprintf. */
int pool_leak_text(char *text, size_t size, const struct pool_leak *leak);

/* How many threads the process has; 0: that cannot be told. */
size_t pool_census_count(void);

#ifdef __cplusplus
}
#endif

#endif
