/* policy.h - what the thumbnail service asks of policy.c, and what policy.c may ask of it.
 *
 * The service makes thumbnails: a caller uploads a picture of 64 KiB, a worker sends it to the resizer and
 * answers. Of the reference library everything may be used (pool.h and the other rooms).
 */
#ifndef INCIDENT_01_POLICY_H
#define INCIDENT_01_POLICY_H

#include "pool.h"

/* One picture. It is the service's until policy_take has passed it on. */
struct upload;

/* Seconds since its caller wanted to call, and how long that one waits for an answer before it gives up. */
double upload_age(const struct upload *upload);
double upload_patience(const struct upload *upload);

/* The work itself, for a pool to run: asks policy_wanted, then resizes and answers. UPLOAD is a struct upload.
 */
void upload_work(void *upload);

/* --- what policy.c defines --------------------------------------------------------------------------- */

/* How the pool is to be made. The service fills in nothing but `discard`, when it is NULL. */
void policy_configure(struct pool_options *options);

/* A caller is at the door. Pass UPLOAD to POOL and answer 1; or answer 0, and the service tells the caller that
 * it was refused. Called by the one thread that accepts. */
int policy_take(struct pool *pool, struct upload *upload);

/* A worker has UPLOAD in its hands: is the answer still wanted? 0: it is given up as cancelled. */
int policy_wanted(const struct upload *upload);

#endif
