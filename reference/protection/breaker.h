/* breaker.h - a circuit breaker: when the other side fails too often, stop asking it for a while.
 *
 *     struct pool_breaker *breaker;
 *     pool_breaker_create(&breaker, &(struct pool_breaker_options){.window = 10 * POOL_SECOND, .volume = 20,
 *         .percent = 50, .open_least = 5 * POOL_SECOND, .open_most = 120 * POOL_SECOND, .probes = 3});
 *     struct pool_breaker_pass pass;
 *     if (pool_breaker_enter(breaker, &pass) != POOL_OK) ...      // fail fast; try in pass.retry_after ns
 *     int ok = call_the_other_side();
 *     pool_breaker_leave(breaker, &pass, ok ? POOL_CALL_GOOD : POOL_CALL_FAILED);
 *
 *   CLOSED     all calls pass. `volume` calls in the window of which `percent` % failed: OPEN.
 *   OPEN       none passes, for `open_least` at least. Then the next call finds it HALF_OPEN.
 *   HALF_OPEN  `probes` calls pass. All of them good: CLOSED. One failed, or not told of within
 *              `probe_limit`: OPEN again.
 *
 * Against flapping (I45): each opening lasts twice as long as the one before, up to `open_most`, until the
 * breaker has stayed closed for `calm`; one good call never closes it; a few calls never open it. A breaker
 * shortens waiting, it does not bound how many wait: that takes a limiter (U25). The idea is Michael T.
 * Nygard's, "Release It!", 2007.
 *
 * Any thread may call any function, and end a call that another has begun; each holds the breaker's one lock
 * for a moment and never sleeps. The state moves only inside calls: no timer, no thread. POOL_INVALID answers
 * NULL.
 */
#ifndef DEEPEND_POOL_BREAKER_H
#define DEEPEND_POOL_BREAKER_H

#include "call_outcome.h"
#include "clock.h"
#include "status.h"
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

struct pool_breaker;

enum pool_breaker_state { POOL_BREAKER_CLOSED, POOL_BREAKER_OPEN, POOL_BREAKER_HALF_OPEN };

/* 0 is refused for all but the last four (M27). Times are nanoseconds. */
struct pool_breaker_options {
    uint64_t window;      /* calls of the last so long are counted, by tenths */
    unsigned volume;      /* fewer calls than that say nothing */
    unsigned percent;     /* failed ones of a hundred that open it, 1 to 100 */
    uint64_t open_least;  /* the first opening lasts so long, */
    uint64_t open_most;   /* none longer than this, >= open_least */
    unsigned probes;      /* good calls in a row that close it, and the most that run while half open */
    unsigned growth;      /* how many times longer the next opening is; 0: 2; 1: never longer */
    uint64_t calm;        /* closed for so long, it begins at open_least again; 0: open_most */
    uint64_t probe_limit; /* a probe not told of after this has failed; 0: open_least */
    const struct pool_clock *clock; /* copied; NULL: the system's */
};

POOL_MUST_LOOK enum pool_status pool_breaker_create(struct pool_breaker **breaker,
                                                    const struct pool_breaker_options *options);

/* Plain data, the caller's; it lives until `leave`. */
struct pool_breaker_pass {
    uint64_t retry_after; /* refused: ns until it may be worth a try; else 0 */
    uint64_t era;         /* which state it was let through in */
    int held;
};

/* May the call be made? POOL_OK, or POOL_REJECTED. While half open, retry_after is the time that the probes
 * have left, at most. All who are told the same time come back together: spread it, retry.h does. */
POOL_MUST_LOOK enum pool_status pool_breaker_enter(struct pool_breaker *breaker,
                                                   struct pool_breaker_pass *pass);

/* The call has ended so. An answer from before the last change of state is counted as late and changes
 * nothing: calls that hung through an opening must not open the breaker that has just closed. IGNORED frees
 * the place of a probe for another. POOL_INVALID, and nothing changes, for a PASS that is not held. */
enum pool_status pool_breaker_leave(struct pool_breaker *breaker, struct pool_breaker_pass *pass,
                                    enum pool_call_outcome outcome);

/* By hand: open it now as if it had tripped; close it and forget everything. Any state is fine. */
enum pool_status pool_breaker_trip(struct pool_breaker *breaker);
enum pool_status pool_breaker_reset(struct pool_breaker *breaker);

/* A snapshot, as of now: an opening that is over shows as HALF_OPEN. A NULL breaker is closed. */
struct pool_breaker_view {
    enum pool_breaker_state state;
    uint64_t open_for;                        /* OPEN: ns until it is half open */
    unsigned long long calls, failures;       /* in the window */
    unsigned long long passed, refused, late; /* of all time */
    unsigned long long transitions, openings; /* changes of state, by hand too; those to OPEN */
};
struct pool_breaker_view pool_breaker_view(struct pool_breaker *breaker);

/* Free it. NULL is fine. Nobody may be calling, or call later. */
void pool_breaker_destroy(struct pool_breaker *breaker);

#ifdef __cplusplus
}
#endif

#endif
