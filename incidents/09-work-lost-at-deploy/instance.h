/* instance.h - one process of the order service, from its start to its exit. Private to this incident's service.
 *
 *     instance_start(instance, 2) ... instance_give(instance, order, 0) ... instance_signal(instance) ...
 *     pool_future_wait(&instance->gone, NULL) ... instance_reap(instance) ... instance_free(instance)
 *
 * All instances are threads of one process. One that has exited is gone: nothing that its threads do has an
 * effect any more, but what the bank has begun goes on.
 */
#ifndef INCIDENT_09_INSTANCE_H
#define INCIDENT_09_INSTANCE_H

#include "future.h"
#include "orders.h"
#include "policy.h"

#include <pthread.h>

/* An order in an instance's hands. */
struct job {
    struct instance *instance;
    struct order *order;
    int was_replayed;
    struct job *next; /* in the books */
};

struct instance {
    unsigned version; /* fixed, as are */
    struct pool *pool;
    double grace;
    pthread_t terminator;
    struct pool_future gone; /* set when it has exited */
    _Atomic double told_at;  /* the moment of SIGTERM, 0: not yet */
    atomic_int has_exited;   /* changed under lock */
    atomic_ulong taken;
    pthread_mutex_t lock;
    struct job *first, *last; /* the books: all that it was asked to do; guarded by lock */
};

/* 0; -1: the pool cannot be made, and nothing is left behind. */
int instance_start(struct instance *instance, unsigned version);

/* A job for ORDER, in the books before anybody else can have it. NULL: no memory. */
struct job *instance_give(struct instance *instance, struct order *order, int was_replayed);

/* SIGTERM: its thread for that calls the policy, and the process exits. 0, or -1. */
int instance_signal(struct instance *instance, double grace);

/* Once it is gone: wait for its threads, which in truth ended with the process. */
void instance_reap(struct instance *instance);

/* What each of its workers does, as lines of the thread dump. */
void instance_dump(const struct instance *instance);

void instance_free(struct instance *instance);

#endif
