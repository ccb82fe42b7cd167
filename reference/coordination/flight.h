/* flight.h - single flight: while one caller works for a key, the others wait for its answer.
 *
 *     struct pool_flight *flight;
 *     if (pool_flight_create(&flight, &(struct pool_flight_options){.free_value = free}) != POOL_OK) ...
 *     status = pool_flight_do(flight, pool_flight_string("user/42"), load_user, &query, &answer);
 *     if (status == POOL_OK) show(answer->value);
 *     pool_flight_drop(answer);
 *
 * The caller's steps: create, do from any number of threads, drop each answer, destroy. The first caller for
 * a key runs its work in its own thread; whoever comes for that key meanwhile gets the same answer, a failure
 * included. Afterwards the key is forgotten: this is no cache, and a failure does not stick (I16). Look into
 * the cache again inside the work: it may have been filled since the caller missed (U36).
 *
 * The work owns its argument, and only the first caller's is used: the others' are untouched and still
 * theirs. The value belongs to all who got the answer (M17): read it, do not change it; when the last one
 * drops the answer, `free_value` has it. Answers may outlive the flight.
 *
 * Decided: work that asks for its own key, directly or through the works of others that wait for each other
 * in this flight, hears POOL_WOULD_DEADLOCK. Two flights that wait for each other are not recognised. Forget
 * lets the next caller begin anew while the old work goes on: then two run at once, as was asked for.
 *
 * Any thread may call anything. Works and free_value are called without a lock. A work must return, as in
 * pool.h.
 */
#ifndef DEEPEND_POOL_FLIGHT_H
#define DEEPEND_POOL_FLIGHT_H

#include "status.h"
#include <stddef.h>
#include <string.h>
#include <time.h>

#ifdef __cplusplus
extern "C" {
#endif

struct pool_flight;

struct pool_flight_options {
    void (*free_value)(void *value); /* NULL: values are not the flight's business */
};

/* Any bytes, copied where they must be kept; SIZE 0 is a key too, then BYTES may be NULL. */
struct pool_flight_key {
    const void *bytes;
    size_t size;
};

static inline struct pool_flight_key pool_flight_string(const char *text)
{
    struct pool_flight_key key = {text, text ? strlen(text) : 1}; /* NULL is refused by do */
    return key;
}

/* 0: it went well. *VALUE is NULL before; what it is afterwards is shared in either case. */
typedef int pool_flight_work(void *arg, void **value);

struct pool_flight_answer {
    void *value;
    int error;
};

/* OPTIONS may be NULL. POOL_INVALID and POOL_NO_MEMORY leave nothing behind and *FLIGHT NULL. */
POOL_MUST_LOOK enum pool_status pool_flight_create(struct pool_flight **flight,
                                                   const struct pool_flight_options *options);

/* Run WORK, or wait for the answer of who runs it already. POOL_OK or POOL_FAILED: *ANSWER is to be dropped.
 * ANSWER may be NULL. POOL_WOULD_DEADLOCK, POOL_NO_MEMORY, POOL_INVALID: *ANSWER is NULL, nothing ran. */
POOL_MUST_LOOK enum pool_status pool_flight_do(struct pool_flight *flight, struct pool_flight_key key,
                                               pool_flight_work *work, void *arg,
                                               const struct pool_flight_answer **answer);

/* The same, but who waits for another's answer does so until DEADLINE (CLOCK_MONOTONIC) at most:
 * POOL_TIMED_OUT. Who runs the work itself is not limited by it. */
POOL_MUST_LOOK enum pool_status pool_flight_do_until(struct pool_flight *flight, struct pool_flight_key key,
                                                     pool_flight_work *work, void *arg,
                                                     const struct timespec *deadline,
                                                     const struct pool_flight_answer **answer);

/* Give an answer back; each that was handed out, once, from any thread. NULL is fine. */
void pool_flight_drop(const struct pool_flight_answer *answer);

/* The next caller for KEY begins anew. POOL_EMPTY: nobody works for it. Who waits already still gets the old
 * answer. */
enum pool_status pool_flight_forget(struct pool_flight *flight, struct pool_flight_key key);

/* Wait until nobody is inside, free. NULL is fine. From now on nobody may call. Never from inside a work of
 * this flight (asserted). */
void pool_flight_destroy(struct pool_flight *flight);

/* A snapshot. `flying` works run now, `waiting` callers wait for one. `run` works were begun, `failed` of
 * them failed, `shared` answers came from another caller's. */
struct pool_flight_counts {
    size_t flying, waiting;
    unsigned long long run, failed, shared, timed_out;
};
struct pool_flight_counts pool_flight_counts(struct pool_flight *flight);

#ifdef __cplusplus
}
#endif

#endif
