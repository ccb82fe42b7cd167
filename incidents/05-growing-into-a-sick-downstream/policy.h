/* policy.h - what the booking service asks of policy.c, and what policy.c may ask of it.
 *
 * The service sells seats. For each booking a worker asks the seat store, a service of another team, which is
 * slower the more calls it has at once. Ten times a second the service asks how many workers the pool is to
 * have. How the store is called is told once, at the start.
 *
 * Of the reference library everything may be used: controller.h, deciders.h, breaker.h, ...
 */
#ifndef INCIDENT_05_POLICY_H
#define INCIDENT_05_POLICY_H

#include "breaker.h"
#include "signals.h"

/* How many workers the pool has when it starts, the fewest and the most that the machine can have. */
enum { WORKERS = 44, FLOOR = 16, MACHINE = 180 };

/* How the seat store is called; the service does it so. */
struct policy_calls {
    double limit;     /* seconds after which a call is hung up on: it has failed. The store notices at once */
    unsigned tries;   /* calls that are made for a booking at most, one right after the other, 1 or more */
    unsigned waiting; /* bookings that the queue holds; who finds it full is refused. 1 or more */
    int has_breaker;  /* 1: calls go through a breaker, and what it refuses has failed at once */
    struct pool_breaker_options breaker;
};

/* --- what policy.c defines --------------------------------------------------------------------------- */

/* Whatever your policy has to remember from tick to tick. */
struct policy;

/* Once, before the first tick. Fills in CALLS, which is all 0. NULL: the service does not start. */
struct policy *policy_create(struct policy_calls *calls);
void policy_destroy(struct policy *policy);

/* SAMPLE is what the pool says of itself now: the gauges of this moment, the waits and the failures of the last
 * tenth of a second, and `downstream`, which is how the breaker sees the store. `workers` is the size asked for
 * last. Answers the size wanted, FLOOR to MACHINE. One thread. */
unsigned policy_tick(struct policy *policy, const struct pool_sample *sample);

#endif
