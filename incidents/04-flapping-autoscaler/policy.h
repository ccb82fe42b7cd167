/* policy.h - what the quote service asks of policy.c, and what policy.c may ask of it.
 *
 * The service answers freight quotes. A worker keeps a session with the tariff store, which takes it 150 ms to
 * open, and a cache of its own: the first five quotes of its life take twice as long. When it leaves,
 * both are gone. Ten times a second the service asks how many workers the pool is to have.
 *
 * Of the reference library everything may be used: deciders.h, controller.h, smooth.h, cooldown.h, ...
 */
#ifndef INCIDENT_04_POLICY_H
#define INCIDENT_04_POLICY_H

#include "signals.h"

/* How many workers the pool has when it starts, and the fewest and the most that it may have: the floor is the
 * night's traffic, the ceiling the sessions that the tariff store gives to this replica. */
enum { WORKERS = 16, FLOOR = 8, CEILING = 64 };

/* --- what policy.c defines --------------------------------------------------------------------------- */

/* Whatever your policy has to remember from tick to tick. */
struct policy;

/* Once, before the first tick. NULL: there was no memory, and the service does not start. */
struct policy *policy_create(void);
void policy_destroy(struct policy *policy);

/* SAMPLE is what the pool says of itself now: the gauges of this moment, and the waits of the last tenth of a
 * second. `workers` is the size asked for last. Answers the size wanted. The service carries it out as far as
 * FLOOR and CEILING allow, and counts every answer outside of them. One thread. */
unsigned policy_tick(struct policy *policy, const struct pool_sample *sample);

#endif
