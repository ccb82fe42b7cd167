/* policy.h - what the report service asks of policy.c, and what policy.c may ask of it.
 *
 * Five customers, A to E, pay the same for one service. A caller orders a report of some pages; a worker
 * renders it page by page, 20 ms each, and cannot be interrupted. The renderer behind has ten cores: more than
 * ten pages at once take longer each. The service hands what policy_take has accepted over to as many free
 * workers, and each of them asks policy_next which report it shall be. Of the reference library everything may
 * be used.
 */
#ifndef INCIDENT_17_POLICY_H
#define INCIDENT_17_POLICY_H

#include "fairness.h"

enum { TENANTS = 5 };

/* One report. Whose it is, 0 (A) to TENANTS - 1 (E); how many pages it has, 1 to 50; and seconds since its
 * caller came. Any thread may ask. */
struct report;
unsigned report_tenant(const struct report *report);
unsigned report_pages(const struct report *report);
double report_age(const struct report *report);

/* What a worker has in its hands from policy_next to policy_done. */
struct turn {
    struct report *report;
    struct pool_fairness_job job; /* the policy's own, if it has a use for it */
};

/* --- what policy.c defines --------------------------------------------------------------------------- */

/* How many workers there are, 1 to 64. Asked once. */
unsigned policy_workers(void);

/* Make the policy's own state, and free it when all workers have left. NULL: there is no memory for it. */
struct policy *policy_create(void);
void policy_destroy(struct policy *policy);

/* A caller is at the door. Keep REPORT and answer 1; or answer 0, and the service tells the caller that it was
 * refused. Called by the threads that accept, one for each tenant, at the same time; they must not wait. */
int policy_take(struct policy *policy, struct report *report);

/* A worker is free: give it the report that it is to render next, each once. Called by all workers at the same
 * time, as often as policy_take has answered 1; may wait until a report may be begun. */
void policy_next(struct policy *policy, struct turn *turn);

/* The worker has rendered it, and TURN->report is gone. */
void policy_done(struct policy *policy, struct turn *turn);

#endif
