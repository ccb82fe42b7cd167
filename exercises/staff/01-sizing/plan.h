/* plan.h - the sizing question, and what the answer is graded with. */
#ifndef PLAN_H
#define PLAN_H

/* One service: what comes in, what a task takes, what was promised, and what may be used. */
struct workload {
    const char *name;
    double arrivals;   /* tasks a second, on average; they come at random (Poisson) */
    double service_ms; /* mean time that a task keeps its worker */
    double spread; /* of the service times: variance / mean^2. 0: all alike, 1: exponential, 4: a few are very
                      long */
    double wait_ms;     /* promise: at most one task in a hundred waits longer than this in the queue */
    unsigned memory_mb; /* what all workers together may use */
    unsigned worker_mb; /* what one worker uses */
    unsigned
        connections;   /* of the downstream service, shared evenly by all replicas; each worker holds one */
    unsigned replicas; /* processes like this one */
};

enum { CANNOT_BE_MET = 0 };

/* How many workers this process needs so that the promise is kept, without a third more than that and within
 * what may be used; or CANNOT_BE_MET, when no number of workers within the limits keeps it. Yours to write.
 */
unsigned plan_workers(const struct workload *workload);

#endif
