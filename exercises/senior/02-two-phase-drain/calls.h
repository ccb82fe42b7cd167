/* calls.h - jobs that are counted, and calls that may have to wait, each in a thread of its own.
 *
 *     struct service *service = scene(1, 4);            // one worker, held in job 0; jobs 1 to 4 wait
 *     struct call drain = {.run = call_drain, .service = service, .deadline = stage_in_hours(1)};
 *     call_start(&drain);                               // sleeps, or has returned, when this returns
 *     gate_open(&let_go);
 *     call_finish(&drain, CLASS_LOST_WAKEUP, "the last job has ended");
 */
#ifndef CALLS_H
#define CALLS_H

#define STAGE_INSIDE
#include "../../../grader/check/check.h"
#include "stage_check.h"

/* --- jobs ----------------------------------------------------------------------------------------------- */

enum { JOBS = 16 };

extern struct tally ran[JOBS], given_back[JOBS];
extern struct gate let_go; /* job 0 of a scene waits here */

/* Jobs have numbers below JOBS, and their arguments are allocated: an argument that is lost is a leak. */
int *argument(int number);
void job_run(void *arg);  /* frees its argument */
void job_held(void *arg); /* waits at let_go first */
void job_back(void *arg); /* what the service gives back is freed and counted */

/* Submit a job that must be accepted. */
void submit(struct service *service, void (*run)(void *arg), int number);

/* Once in each check: a service all of whose WORKERS are held, in jobs 0 to WORKERS-1, and QUEUED further
 * jobs waiting. */
struct service *scene(int workers, int queued);

/* Fail unless COUNT jobs from number FIRST have run once (given back once) and nothing else became of them.
 */
void check_ran(int first, int count);
void check_given_back(int first, int count, const char *when);

int ledger_balances(struct service_counts counts);

/* Fail unless the books balance; WHEN they were looked at. */
void check_ledger(struct service_counts counts, const char *when);

/* --- calls ---------------------------------------------------------------------------------------------- */

struct call {
    enum service_status (*run)(struct call *call);
    struct service *service;
    struct timespec deadline;
    int number; /* of the job to submit; its argument is the call's again if it is refused */
    int *argument;
    struct leftover left;
    enum service_status status; /* this and left: to be read after the join */
    struct tally returned;
    pthread_t thread;
};

enum service_status call_submit(struct call *call), call_drain(struct call *call),
    call_stop(struct call *call), call_destroy(struct call *call);

/* Start it, and wait until nothing can move any more. */
void call_start(struct call *call);

/* Nothing moves: has it returned? */
int call_is_back(const struct call *call);

/* SINCE has happened and it should return: join it, or fail with CLASS. */
void call_finish(struct call *call, enum verdict_class class, const char *since);

/* Fail unless GOT is WANT; WHAT is who answered. */
void check_status(enum service_status got, enum service_status want, const char *what);

#endif
