/* check.c - does the service end in two phases, lose nothing, and let everybody out?
 *
 * Workers are held inside jobs, so the check knows what runs and what waits; the clock is its own (stage.h).
 * Each step is taken when nothing else can move.
 */
#include "calls.h"

#include <stdlib.h>

/* --- drains: time enough -------------------------------------------------------------------------------- */

static void check_all_done(const struct call *drain, int jobs)
{
    struct service_counts counts = service_counts(drain->service);

    check_status(drain->status, SERVICE_OK, "everything had run before the deadline: the drain");
    CHECK_INT(drain->left.discarded, 0, "everything had run; what the drain calls discarded");
    CHECK_INT(drain->left.running, 0, "everything had run; what the drain calls running");
    CHECK_INT(stage_joined(drain->service), drain->service->workers,
              "workers that were joined when the drain answered SERVICE_OK");
    check_ran(0, jobs);
    CHECK_INT(counts.completed, jobs, "jobs that the books call completed");
    check_ledger(counts, "after a drain");
}

static struct gate let_last;

static void last_job(void *arg)
{
    gate_wait(&let_last);
    job_run(arg);
}

static void drains(void)
{
    struct call drain = {.run = call_drain, .service = scene(2, 3), .deadline = stage_in_hours(1)};

    submit(drain.service, last_job, 5);

    call_start(&drain);
    stage_false_alarm(drain.service);
    CHECK_THAT(!call_is_back(&drain), CLASS_WRONG_RESULT,
               "a drain that has an hour returned at once, while 2 jobs ran and 4 were waiting");
    for (int i = 2; i < 6; i++)
        CHECK_THAT(tally_read(&given_back[i]) == 0, CLASS_WRONG_ORDER,
                   "job %d was thrown out an hour before the deadline", i);
    gate_open(&let_go);
    stage_rest();
    gate_open(&let_last);
    call_finish(&drain, CLASS_LOST_WAKEUP,
                "the last job has ended, an hour before the deadline of the drain");
    check_all_done(&drain, 6);
    service_destroy(drain.service);
}

/* --- gives-up: no time, or no more ---------------------------------------------------------------------- */

static void check_left(const struct call *drain, const char *when)
{
    struct service_counts counts = service_counts(drain->service);

    check_status(drain->status, SERVICE_TIMED_OUT, "1 job ran and 4 waited when time was up: the drain");
    CHECK_THAT(
        counts.queued == 0, CLASS_LOST_TASK,
        "%s, the drain has returned, and %d jobs are still queued: they are neither run nor given back", when,
        counts.queued);
    check_given_back(1, 4, when);
    CHECK_INT(drain->left.discarded, 4, "4 jobs were thrown out; how many the drain tells of");
    CHECK_INT(drain->left.running, 1, "1 job still ran; how many the drain tells of");
    CHECK_INT(counts.discarded, 4, "4 jobs were thrown out; how many the books tell of");
    CHECK_INT(counts.running, 1, "1 job still ran; how many the books tell of");
    check_ledger(counts, when);
}

static void time_is_up(struct call *drain, const char *when)
{
    CHECK_THAT(call_is_back(drain), CLASS_DEADLOCK,
               "%s, 1 job is stuck, and the drain waits for it without limit", when);
    pthread_join(drain->thread, NULL);
    check_left(drain, when);
}

/* The job that was stuck ends after all: nothing was freed under it. */
static void check_late_end(struct call *stop)
{
    call_start(stop);
    CHECK_THAT(
        !call_is_back(stop), CLASS_WRONG_ORDER,
        "the last stop returned while a job was still running: whatever is freed next, that job may use");
    gate_open(&let_go);
    call_finish(stop, CLASS_LOST_WAKEUP, "the stuck job has ended, the last stop waits for it");
    CHECK_INT(tally_read(&ran[0]), 1, "how often the stuck job has run in the end");
    CHECK_INT(stage_joined(stop->service), 1, "workers, of 1, that were joined when the last stop returned");
    service_destroy(stop->service);
}

static void deadline_past(void)
{
    struct call drain = {.run = call_drain, .service = scene(1, 4), .deadline = stage_in_hours(-1)};
    struct call stop = {.run = call_stop, .service = drain.service};

    call_start(&drain);
    time_is_up(&drain, "the deadline was past when the drain began");
    check_late_end(&stop);
}

static void deadline_comes(void)
{
    struct call drain = {.run = call_drain, .service = scene(1, 4), .deadline = stage_in_hours(1)};
    struct call stop = {.run = call_stop, .service = drain.service};

    call_start(&drain);
    stage_hours_pass(drain.service, 2);
    time_is_up(&drain, "the deadline came during the drain");
    check_late_end(&stop);
}

/* --- refuses: jobs that come while the service ends ----------------------------------------------------- */

static void refused(struct call *submit, const char *what)
{
    check_status(submit->status, SERVICE_CLOSED, what);
    CHECK_THAT(tally_read(&given_back[submit->number]) == 0, CLASS_INVALID_MEMORY,
               "a submit was refused, and its argument was given back as well: now it has two owners");
    free(submit->argument);
}

/* Two submits sleep at the full queue when the drain begins, and one comes later. */
static void refuses(void)
{
    struct service *service = scene(1, ROOM);
    struct call early[] = {{.run = call_submit, .service = service, .number = 10},
                           {.run = call_submit, .service = service, .number = 11}};
    struct call late = {.run = call_submit, .service = service, .number = 12};
    struct call drain = {.run = call_drain, .service = service, .deadline = stage_in_hours(1)};

    call_start(&early[0]);
    call_start(&early[1]);
    CHECK_THAT(!call_is_back(&early[0]) && !call_is_back(&early[1]), CLASS_WRONG_RESULT,
               "the queue of an open service was full, and a submit did not wait for room");
    call_start(&drain);
    for (int i = 0; i < 2; i++) {
        call_finish(&early[i], CLASS_LOST_WAKEUP,
                    "the service has begun to close; a submit that was waiting for room should answer "
                    "SERVICE_CLOSED now");
        refused(&early[i], "the service closed while it waited for room: submit");
    }
    call_start(&late);
    call_finish(&late, CLASS_DEADLOCK, "a submit came during the drain and should have been refused at once");
    refused(&late, "it came during the drain: submit");
    gate_open(&let_go);
    call_finish(&drain, CLASS_LOST_WAKEUP, "the last job has ended");
    CHECK_INT(service_counts(service).refused, 3, "submits that were refused, in the books");
    service_destroy(service);
}

/* --- ordered: nothing is read or written in passing ----------------------------------------------------- */

static struct gate come;

static enum service_status submit_when_called(struct call *call)
{
    gate_wait(&come);
    return call_submit(call);
}

/* Nothing orders the submit after the drain, or the drain after what the idle workers read, but the lock. */
static void ordered(void)
{
    struct service *service = service_create(2, job_back);
    struct call submit = {.run = submit_when_called, .service = service, .number = 0};
    struct call drain = {.run = call_drain, .service = service, .deadline = stage_in_hours(1)};

    call_start(&submit);
    call_start(&drain);
    call_finish(&drain, CLASS_LOST_WAKEUP, "a drain began, with nothing to run");
    gate_open(&come);
    call_finish(&submit, CLASS_DEADLOCK, "a submit came after the drain");
    refused(&submit, "it came after the drain: submit");
    service_destroy(service);
}

/* --- ledger: the books balance at every moment ---------------------------------------------------------- */

static struct service *audited;
static struct service_counts unbalanced; /* the books, when they did not balance; read after a join */
static int balance = 1, admitted;
static struct tally asked, answered;

enum { EXTRA = JOBS - 1 }; /* the number of the jobs that are submitted meanwhile */

/* Called for each job that is thrown out. It uses the service, as it may. */
static void audit(void *arg)
{
    int *extra = argument(EXTRA);

    tally_add(&asked, 1);
    struct service_counts counts = service_counts(audited);
    tally_add(&answered, 1);
    if (balance && !ledger_balances(counts)) {
        balance = 0;
        unbalanced = counts;
    }
    audited->give_back = job_back; /* should a refused job be given back, which it should not */
    if (service_submit(audited, job_run, extra) == SERVICE_OK)
        admitted++;
    else if (tally_read(&given_back[EXTRA]) == 0)
        free(extra);
    audited->give_back = audit;
    job_back(arg);
}

static void ledger(void)
{
    struct call drain = {.run = call_drain, .service = scene(1, 4), .deadline = stage_in_hours(-1)};
    struct call stop = {.run = call_stop, .service = drain.service};

    audited = drain.service;
    audited->give_back = audit;
    call_start(&drain);
    stage_rest();
    CHECK_THAT(tally_read(&asked) == tally_read(&answered), CLASS_DEADLOCK,
               "an argument was given back, whoever took it asked the service for its counts, and sleeps for "
               "ever: the lock is held");
    CHECK_THAT(call_is_back(&drain), CLASS_DEADLOCK,
               "the deadline was past, 1 job is stuck, and the drain waits for it without limit");
    pthread_join(drain.thread, NULL);
    check_ledger(unbalanced, "while a job was being given back");
    CHECK_INT(admitted, 0, "submits that were accepted while jobs were being given back");
    CHECK_THAT(tally_read(&given_back[EXTRA]) == 0, CLASS_INVALID_MEMORY,
               "a submit was refused, and its argument was given back as well: now it has two owners");
    check_late_end(&stop);
}

/* --- at-once: several stops ----------------------------------------------------------------------------- */

static void at_once(void)
{
    struct service *service = scene(1, 4);
    struct call ends[] = {{.run = call_drain, .service = service, .deadline = stage_in_hours(1)},
                          {.run = call_stop, .service = service},
                          {.run = call_stop, .service = service},
                          {.run = call_drain, .service = service, .deadline = stage_in_hours(1)}};
    enum { COUNT = sizeof ends / sizeof ends[0] };

    for (int i = 0; i < COUNT; i++)
        call_start(&ends[i]);
    for (int i = 0; i < COUNT; i++)
        CHECK_THAT(!call_is_back(&ends[i]), CLASS_WRONG_ORDER,
                   "%d stops and drains had come, and one returned while a job still ran", COUNT);
    check_given_back(1, 4, "a stop came during a drain");
    stage_hold_joins(); /* time for the others to join as well */
    gate_open(&let_go);
    stage_rest();
    stage_release();
    for (int i = 0; i < COUNT; i++) {
        call_finish(&ends[i], CLASS_LOST_WAKEUP, "all jobs have ended, and several stops and drains wait");
        check_status(ends[i].status, SERVICE_OK, "one of several stops and drains at once");
    }
    check_status(service_stop(service), SERVICE_OK, "a stop after the end");
    CHECK_INT(stage_joined(service), 1, "joins of the worker, after 4 stops and drains at once");
    service_destroy(service);
}

/* --- inside: a job that stops its own service ----------------------------------------------------------- */

static struct service *own;
static enum service_status answers[2];

static void stop_own(void *arg)
{
    struct timespec soon = stage_in_hours(1);
    struct leftover left;

    answers[0] = service_drain_until(own, &soon, &left);
    answers[1] = service_stop(own);
    job_run(arg);
}

static void inside(void)
{
    struct call stop = {.run = call_stop};

    stop.service = own = service_create(1, job_back);
    submit(own, stop_own, 0);
    stage_rest();
    CHECK_THAT(tally_read(&ran[0]) == 1, CLASS_DEADLOCK,
               "a job asked its own service to stop, and now waits for its own end");
    submit(own, job_run, 1); /* nothing has changed */
    stage_rest();
    check_ran(0, 2);
    call_start(&stop);
    call_finish(&stop, CLASS_LOST_WAKEUP, "a stop came, with nothing to run");
    check_status(answers[0], SERVICE_INSIDE, "asked by one of the service's own jobs: the drain");
    check_status(answers[1], SERVICE_INSIDE, "asked by one of the service's own jobs: the stop");
    service_destroy(own);
}

/* --- last-out: who is still inside when the service is destroyed ---------------------------------------- */

/* A submit that waited for room is woken by the stop, and slow to get going. */
static void last_out(void)
{
    struct service *service = scene(1, ROOM);
    struct call submit = {.run = call_submit, .service = service, .number = 10};
    struct call destroy = {.run = call_destroy, .service = service};

    call_start(&submit);
    stage_hold(&service->room);
    call_start(&destroy);
    gate_open(&let_go);
    stage_rest();
    stage_release();
    call_finish(&submit, CLASS_LOST_WAKEUP, "the service has closed; a submit was waiting for room");
    call_finish(&destroy, CLASS_LOST_WAKEUP, "the workers have left, and so has the last submit");
    refused(&submit, "the service closed while it waited for room: submit");
}

CHECKS({"drains", drains}, {"deadline-past", deadline_past}, {"deadline-comes", deadline_comes},
       {"refuses", refuses}, {"ordered", ordered}, {"ledger", ledger}, {"at-once", at_once},
       {"inside", inside}, {"last-out", last_out});
