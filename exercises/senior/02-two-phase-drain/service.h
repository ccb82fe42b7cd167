/* service.h - a small pool of workers behind a queue, and how it ends.
 *
 *     struct service *service = service_create(4, give_back);
 *     if (service_submit(service, run, arg) != SERVICE_OK) free(arg);   // refused: arg is still yours
 *     service_drain_until(service, &deadline, &left);                   // run what waits, but not for ever
 *     service_destroy(service);
 *
 * The submitter owns an argument until a submit has accepted the job. From then on the job owns it, or
 * give_back if the job never gets to run. The workers, the queue and the counting of what ran are given
 * (workers.c). How jobs come in and how the service ends is yours: service.c.
 */
#ifndef SERVICE_H
#define SERVICE_H

#include <errno.h>
#include <pthread.h>
#include <time.h>

enum { WORKERS_MOST = 4, ROOM = 6 };

enum service_status {
    SERVICE_OK,
    SERVICE_CLOSED,    /* the service takes no more jobs */
    SERVICE_TIMED_OUT, /* the deadline passed, and something was still queued or running */
    SERVICE_INSIDE     /* asked by one of the service's own jobs, which would wait for itself */
};

/* It only ever moves down this list. */
enum phase {
    PHASE_OPEN,     /* jobs are taken and run */
    PHASE_DRAINING, /* none is taken; the workers run those that wait, then leave */
    PHASE_STOPPING, /* none is taken; the workers leave those that wait, and leave */
    PHASE_JOINING,  /* the workers have left; one thread joins them */
    PHASE_GONE      /* the workers are joined */
};

struct job {
    void (*run)(void *arg);
    void *arg;
};

struct service {
    /* Fixed after create. */
    void (*give_back)(void *arg); /* takes the argument of a job that never ran; may call service_submit
                                     and service_counts, so call it without the lock */
    int workers;
    pthread_t threads[WORKERS_MOST];

    pthread_mutex_t lock;

    /* Guarded by lock. The workers read the phase and never change it. */
    enum phase phase;
    struct job jobs[ROOM];
    int first, queued;
    int running;  /* jobs that a worker is running */
    int alive;    /* workers that have not left */
    int visitors; /* threads inside service_submit */
    int submitted, completed, discarded, refused;

    /* All made with default attributes. */
    pthread_cond_t work;  /* workers sleep here until: a job waits, or the phase is not OPEN */
    pthread_cond_t room;  /* submitters sleep here; the workers signal it when they take a job */
    pthread_cond_t ended; /* the workers broadcast it when a job has ended, and when one of them leaves */
};

/* --- yours ---------------------------------------------------------------------------------------------- */

/* Queue a job; wait while the queue is full. SERVICE_CLOSED: refused, also if the service closes during the
 * wait; ARG stays the caller's. */
enum service_status service_submit(struct service *service, void (*run)(void *arg), void *arg);

/* What was left when a drain ran out of time. */
struct leftover {
    int discarded; /* jobs that this call has thrown out */
    int running;   /* jobs that still ran when it returned */
};

/* The end in two phases. Take no more jobs, and let the workers run those that wait until DEADLINE
 * (CLOCK_MONOTONIC); then discard the rest, and return without waiting for the jobs that run.
 * SERVICE_OK: nothing was left, and the workers are joined; *LEFT is all 0.
 * SERVICE_TIMED_OUT: *LEFT says what was left. A later service_stop waits for what still runs.
 * SERVICE_INSIDE: asked by one of the service's jobs; nothing has changed. */
enum service_status service_drain_until(struct service *service, const struct timespec *deadline,
                                        struct leftover *left);

/* The last stop. Take no more jobs, discard those that wait, let those that run finish, join the workers.
 * SERVICE_OK once every worker is joined and no thread is inside service_submit any more. Several stops and
 * drains at once, or one after the other, are fine: all return when that is done. SERVICE_INSIDE as above. */
enum service_status service_stop(struct service *service);

/* --- given ---------------------------------------------------------------------------------------------- */

/* WORKERS is 1 to WORKERS_MOST. */
struct service *service_create(int workers, void (*give_back)(void *arg));

/* service_stop, then free. Threads that sleep in a submit are let out first; nobody else may be inside. */
void service_destroy(struct service *service);

/* Under the lock: add a job at the end of a queue that is not full; take the first of one not empty. */
void service_push(struct service *service, struct job job);
struct job service_pop(struct service *service);

/* Is the calling thread running one of this service's jobs? Needs no lock. */
int service_inside(const struct service *service);

/* A snapshot under the lock. submitted = completed + discarded + queued + running, at every moment. */
struct service_counts {
    int submitted, completed, discarded, queued, running, refused;
};
struct service_counts service_counts(struct service *service);

#include "stage.h"

#endif
