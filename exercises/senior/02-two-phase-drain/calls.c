/* calls.c - see calls.h. */
#include "calls.h"

#include <stdlib.h>

/* --- jobs ----------------------------------------------------------------------------------------------- */

struct tally ran[JOBS], given_back[JOBS];
struct gate let_go;

int *argument(int number)
{
    int *argument = malloc(sizeof *argument);

    if (!argument)
        abort();
    *argument = number;
    return argument;
}

void job_run(void *arg)
{
    tally_add(&ran[*(int *)arg], 1);
    free(arg);
}

void job_held(void *arg)
{
    gate_wait(&let_go);
    job_run(arg);
}

void job_back(void *arg)
{
    tally_add(&given_back[*(int *)arg], 1);
    free(arg);
}

void submit(struct service *service, void (*run)(void *arg), int number)
{
    check_status(service_submit(service, run, argument(number)), SERVICE_OK,
                 "there was room in an open service: submit");
}

struct service *scene(int workers, int queued)
{
    struct service *service = service_create(workers, job_back);

    for (int i = 0; i < workers; i++)
        submit(service, job_held, i);
    gate_await(&let_go, workers);
    for (int i = workers; i < workers + queued; i++)
        submit(service, job_run, i);
    return service;
}

void check_ran(int first, int count)
{
    for (int i = first; i < first + count; i++) {
        CHECK_THAT(tally_read(&ran[i]) == 1, CLASS_LOST_TASK,
                   "job %d was accepted, there was time for it, and it ran %d times", i, tally_read(&ran[i]));
        CHECK_INT(tally_read(&given_back[i]), 0,
                  "how often the argument of job %d, which ran, was given back", i);
    }
}

void check_given_back(int first, int count, const char *when)
{
    for (int i = first; i < first + count; i++) {
        CHECK_INT(tally_read(&ran[i]), 0, "%s, job %d should not run any more; how often it did", when, i);
        CHECK_THAT(tally_read(&given_back[i]) > 0, CLASS_MEMORY_LEAK,
                   "%s, job %d was thrown out of the queue, and its argument was never given back", when, i);
        CHECK_INT(tally_read(&given_back[i]), 1, "how often the argument of job %d was given back", i);
    }
}

int ledger_balances(struct service_counts counts)
{
    return counts.submitted == counts.completed + counts.discarded + counts.queued + counts.running;
}

void check_ledger(struct service_counts counts, const char *when)
{
    CHECK_THAT(ledger_balances(counts), CLASS_WRONG_RESULT,
               "%s, the books do not balance: %d submitted, but %d completed, %d discarded, %d queued and %d "
               "running",
               when, counts.submitted, counts.completed, counts.discarded, counts.queued, counts.running);
}

/* --- calls ---------------------------------------------------------------------------------------------- */

enum service_status call_submit(struct call *call)
{
    call->argument = argument(call->number);
    return service_submit(call->service, job_run, call->argument);
}

enum service_status call_drain(struct call *call)
{
    return service_drain_until(call->service, &call->deadline, &call->left);
}

enum service_status call_stop(struct call *call)
{
    return service_stop(call->service);
}

enum service_status call_destroy(struct call *call)
{
    service_destroy(call->service);
    return SERVICE_OK;
}

static void *call_main(void *arg)
{
    struct call *call = arg;

    call->status = call->run(call);
    tally_add(&call->returned, 1);
    return NULL;
}

void call_start(struct call *call)
{
    pthread_create(&call->thread, NULL, call_main, call);
    stage_rest();
}

int call_is_back(const struct call *call)
{
    stage_rest();
    return tally_read(&call->returned);
}

void call_finish(struct call *call, enum verdict_class class, const char *since)
{
    CHECK_THAT(call_is_back(call), class, "%s, and nothing else can happen: it sleeps for ever", since);
    pthread_join(call->thread, NULL);
}

void check_status(enum service_status got, enum service_status want, const char *what)
{
    static const char *const names[] = {"SERVICE_OK", "SERVICE_CLOSED", "SERVICE_TIMED_OUT",
                                        "SERVICE_INSIDE"};
    unsigned number = (unsigned)got;

    CHECK_THAT(got == want, CLASS_WRONG_RESULT, "%s answered %s, not %s", what,
               number < sizeof names / sizeof names[0] ? names[number] : "something else", names[want]);
}
