/* bulkhead.h - compartments: each kind of work has its own limit, and together they stay within one.
 *
 *     static const struct pool_compartment_options kinds[] = {
 *         {.name = "read", .reserved = 20, .limit = 50},
 *         {.name = "write", .reserved = 10, .limit = 30}};
 *     struct pool_bulkhead *bulkhead;
 *     pool_bulkhead_create(&bulkhead, &(struct pool_bulkhead_options){.total = 60, .kinds = kinds, .count =
 * 2}); struct pool_compartment *read = pool_bulkhead_find(bulkhead, "read"); if (pool_bulkhead_try(read) !=
 * POOL_OK) ...        // only reads are refused, writes go on
 *     ...
 *     pool_bulkhead_leave(read);
 *
 * `reserved` places are a compartment's own, always; beyond them it may borrow, up to `limit`, of what
 * `total` leaves when all reservations are taken off. So a flooded compartment never takes another's own
 * places, and all of them together never exceed `total`, which is what threads and memory are paid from (M34,
 * M43). With limit = reserved nothing is ever borrowed and the walls are solid; limits that add up to more
 * than `total` are a promise that not all can have at once, made on purpose here, and safe.
 *
 * Any thread may call any function, and leave for another. Only pool_bulkhead_enter sleeps. POOL_INVALID
 * answers NULL. Who is inside and waits for another place of the same bulkhead may wait for itself (I07): the
 * deadline ends that.
 */
#ifndef DEEPEND_POOL_BULKHEAD_H
#define DEEPEND_POOL_BULKHEAD_H

#include "status.h"
#include <stddef.h>
#include <time.h>

#ifdef __cplusplus
extern "C" {
#endif

struct pool_bulkhead;
struct pool_compartment;

enum { POOL_BULKHEAD_MOST = 1000000, POOL_BULKHEAD_MOST_KINDS = 1024 };

struct pool_compartment_options {
    const char *name;  /* copied; not empty, and no two the same */
    unsigned reserved; /* places of its own; 0: it only borrows */
    unsigned limit;    /* places at most: 1 to total, >= reserved */
    unsigned waiting;  /* threads that may wait to enter; 0: none, the rest is refused at once */
};

struct pool_bulkhead_options {
    unsigned total; /* 1 to POOL_BULKHEAD_MOST, at least the sum of all reserved */
    const struct pool_compartment_options *kinds;
    size_t count; /* 1 to POOL_BULKHEAD_MOST_KINDS */
};

POOL_MUST_LOOK enum pool_status pool_bulkhead_create(struct pool_bulkhead **bulkhead,
                                                     const struct pool_bulkhead_options *options);

/* The compartment of that NAME, until the bulkhead is destroyed; NULL: there is none. */
struct pool_compartment *pool_bulkhead_find(struct pool_bulkhead *bulkhead, const char *name);

/* Enter if there is a place and nobody waits for one here: POOL_OK. POOL_REJECTED; POOL_STOPPED after stop.
 */
POOL_MUST_LOOK enum pool_status pool_bulkhead_try(struct pool_compartment *compartment);

/* Wait for a place until DEADLINE (CLOCK_MONOTONIC): POOL_OK, POOL_TIMED_OUT, POOL_STOPPED, or POOL_REJECTED
 * if as many wait as may. In the order of arrival within a compartment; a borrowed place that comes free goes
 * round among the compartments. A deadline in the past still tries. */
POOL_MUST_LOOK enum pool_status pool_bulkhead_enter(struct pool_compartment *compartment,
                                                    const struct timespec *deadline);

/* Give a place back. POOL_INVALID, and nothing changes, if nobody is inside. */
enum pool_status pool_bulkhead_leave(struct pool_compartment *compartment);

/* Let nobody in any more, and send those away that wait. Again is fine. */
enum pool_status pool_bulkhead_stop(struct pool_bulkhead *bulkhead);

/* A snapshot of one compartment, or of all together (borrowed: beyond their reservations). */
struct pool_bulkhead_counts {
    unsigned inside, peak, borrowed, waiting;
    unsigned long long entered, refused;
};
struct pool_bulkhead_counts pool_bulkhead_counts(struct pool_bulkhead *bulkhead);
struct pool_bulkhead_counts pool_compartment_counts(struct pool_compartment *compartment);

/* Free it and its compartments. NULL is fine. Nobody may wait (asserted), be inside and leave, or call later.
 */
void pool_bulkhead_destroy(struct pool_bulkhead *bulkhead);

#ifdef __cplusplus
}
#endif

#endif
