/* policy.h - what the order service asks of policy.c, and what policy.c may ask of it.
 *
 * A caller sends an order and hears 202 as soon as it is taken; a worker charges it at the bank later. A deploy
 * replaces one process of the service, an instance, by the next. What is left to do must not get lost between
 * them: there is a journal, a file that both can read. Of the reference library everything may be used.
 */
#ifndef INCIDENT_09_POLICY_H
#define INCIDENT_09_POLICY_H

#include "pool.h"

struct instance; /* one process, from its start to its exit; with its exit all that it does is over */
struct job;      /* an order in an instance's hands; lives as long as it */

struct pool *instance_pool(struct instance *instance);

/* The jobs that the instance has taken, or been given by a replay, and that are not done: queued or under way.
 * Fills JOBS with up to MOST of them, the oldest first. Returns how many. Never blocks. */
size_t instance_unfinished(struct instance *instance, struct job **jobs, size_t most);

/* The task that does a job, for a pool to run: calls policy_work. JOB is a struct job. */
void job_task(void *job);

int job_was_replayed(const struct job *job); /* 1: it comes from the journal */

/* Charge the order: 50 ms, but where the bank asks its customer to confirm, 6 s. Cannot be called back once it
 * has begun: the bank goes on even if this process ends. 0; -1: the process has ended. */
int job_charge(struct job *job);

/* Has the bank had a charge with this order's key, done or under way? Takes 5 ms. */
int bank_knows(const struct job *job);

/* Write jobs down for the next instance; they are on the disk when this returns, after 1 ms and 10 us for each.
 * What is there already is not written twice. And strike one off again: 1 ms. */
void journal_write(struct job *const *jobs, size_t count);
void journal_strike(struct job *job);

/* --- what policy.c defines --------------------------------------------------------------------------- */

/* How an instance's pool is to be made. */
void policy_configure(struct pool_options *options);

/* An order is at the door. Pass JOB to the instance's pool and answer 1: the caller hears 202. Or answer 0: it
 * hears 503, and goes elsewhere. Called by two threads that accept. */
int policy_take(struct instance *instance, struct job *job);

/* Do JOB. In a task. */
void policy_work(struct job *job);

/* SIGTERM has come, and SIGKILL comes GRACE seconds from now. When this returns, the process exits: whatever
 * still runs is gone. In a thread of its own. Callers find the way here for about a second more. */
void policy_terminate(struct instance *instance, double grace);

/* The instance before has exited, and these are in its journal, the oldest first. They stay there until they
 * are struck off. In the instance's first thread. */
void policy_replay(struct instance *instance, struct job *const *jobs, size_t count);

#endif
