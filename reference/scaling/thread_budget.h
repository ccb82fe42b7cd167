/* thread_budget.h - one number of threads for several pools, with priorities and minimum shares.
 *
 *     pool_thread_budget_create(&budget, 96);
 *     pool_thread_budget_join(budget, &(struct pool_budget_options){.minimum = 8, .priority = 1}, &reads);
 *     unsigned size = pool_thread_budget_reserve(reads, 40);      // 40, or as many as may be had now
 *     resize the pool to size; for each worker that has left: pool_thread_budget_return(reads, 1);
 *
 * A pool reserves before it starts threads and returns when they have ended, so the sum of what all hold
 * never exceeds the total: not on average, at every moment. Nothing is taken away: a pool that holds more
 * than its share finds its allowance lowered, shrinks at its tasks' ends, and returns; whoever waits gets it
 * then. So a high priority gets its request within about two task lengths, not at once (X86). Minimum shares
 * are never lent, for the same reason.
 *
 * Any thread may call, from tasks and from a controller's callbacks too: the lock is inside, held briefly,
 * and nothing is called under it. It never waits for threads. POOL_INVALID answers a NULL. Members keep a
 * pointer to their budget: leave first, destroy last.
 */
#ifndef DEEPEND_POOL_THREAD_BUDGET_H
#define DEEPEND_POOL_THREAD_BUDGET_H

#include "status.h"

#ifdef __cplusplus
extern "C" {
#endif

struct pool_thread_budget;
struct pool_budget_member;

enum { POOL_BUDGET_MOST = 65536 };

/* TOTAL threads, 1 to POOL_BUDGET_MOST. POOL_INVALID or POOL_NO_MEMORY leave *BUDGET NULL. */
POOL_MUST_LOOK enum pool_status pool_thread_budget_create(struct pool_thread_budget **budget, unsigned total);

/* NULL is fine. Asserted: every member has left. */
void pool_thread_budget_destroy(struct pool_thread_budget *budget);

struct pool_budget_options {
    unsigned minimum; /* threads that are this member's whatever the others want; may be 0 */
    int priority;     /* what is above the minima goes to the highest first; equals share evenly */
};

/* A pool joins and holds nothing yet. POOL_REJECTED: the total does not hold its minimum beside what the
 * others hold or are promised. POOL_INVALID, POOL_NO_MEMORY. *MEMBER is NULL unless POOL_OK. */
POOL_MUST_LOOK enum pool_status pool_thread_budget_join(struct pool_thread_budget *budget,
                                                        const struct pool_budget_options *options,
                                                        struct pool_budget_member **member);

/* Return everything and forget MEMBER, whose threads have ended. NULL is fine. */
void pool_thread_budget_leave(struct pool_budget_member *member);

/* This pool wants SIZE threads altogether, from now on until it asks again. Returns the size it shall go to:
 * SIZE, or less if others come first or do not yet give back. What it is above before is reserved; what it is
 * below stays held until it is returned. Ask again (every tick) to get the rest. 0 for a NULL, and for one
 * whose minimum is 0 and comes last. */
unsigned pool_thread_budget_reserve(struct pool_budget_member *member, unsigned size);

/* COUNT of this pool's threads have ended. POOL_INVALID, and nothing changes, if it never held as many. */
enum pool_status pool_thread_budget_return(struct pool_budget_member *member, unsigned count);

/* A snapshot: all numbers were true at one moment. */
struct pool_budget_view {
    unsigned wanted, held;
    unsigned allowed;            /* its share of the total; below `held`: shrink to it, others wait */
    unsigned total, held_by_all; /* held_by_all <= total, always */
};
struct pool_budget_view pool_thread_budget_view(struct pool_budget_member *member); /* all 0 for NULL */

#ifdef __cplusplus
}
#endif

#endif
