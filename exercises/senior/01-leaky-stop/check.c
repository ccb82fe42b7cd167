/* check.c - when a crew has been stopped, is everybody home and everything given back?
 *
 * Each check looks at one thing and leaves the rest alone: those about threads do not destroy, since whoever
 * frees too early would fail them by luck. After each, the grader counts the threads that are left.
 */
#include "check.h"
#include "crew.h"

#include <pthread.h>
#include <stdlib.h>

/* --- joins -------------------------------------------------------------------------------------------- */

#ifdef __has_feature
#if __has_feature(thread_sanitizer)
#define SYSTEM_JOIN /* the sanitizer has to see joins itself */
#endif
#endif

/* Joining a thread twice is undefined, and often looks harmless. So this definition comes before libc's, and
 * keeps a list. */
static struct {
    pthread_mutex_t lock;
    pthread_t threads[16]; /* joined since the list was last cleared */
    int count;
} joins = {.lock = PTHREAD_MUTEX_INITIALIZER};

/* Before new threads are created, which may get the identity of joined ones. */
static void joins_clear(void)
{
    joins.count = 0;
}

#ifndef SYSTEM_JOIN
int pthread_join(pthread_t thread, void **result)
{
    pthread_mutex_lock(&joins.lock);
    for (int i = 0; i < joins.count; i++)
        CHECK_THAT(!pthread_equal(joins.threads[i], thread), CLASS_MISUSE,
                   "pthread_join was called a second time for the same worker");
    if (joins.count < 16)
        joins.threads[joins.count++] = thread;
    pthread_mutex_unlock(&joins.lock);
    int error = pthread_timedjoin_np(thread, result, NULL); /* without a time: an ordinary join */
    return error;
}
#endif

/* --- crews -------------------------------------------------------------------------------------------- */

static void keep(void *arg) /* a discard for crews that must not need one */
{
    (void)arg;
}

static struct crew *crew_of(unsigned workers, void (*discard)(void *arg))
{
    struct crew *crew = crew_create(workers, discard);

    CHECK_THAT(crew, CLASS_WRONG_RESULT, "crew_create could not make a crew of %u and returned NULL",
               workers);
    return crew;
}

/* --- threads that stop a crew ------------------------------------------------------------------------- */

struct stopper {
    struct crew *crew;
    void (*stop)(struct crew *crew); /* crew_stop or crew_destroy */
    struct tally returned;
    pthread_t thread;
};

static void *stopper_main(void *arg)
{
    struct stopper *stopper = arg;

    stopper->stop(stopper->crew);
    tally_add(&stopper->returned, 1);
    return NULL;
}

static void stop_in_a_thread(struct stopper *stopper, struct crew *crew, void (*stop)(struct crew *))
{
    *stopper = (struct stopper){.crew = crew, .stop = stop};
    pthread_create(&stopper->thread, NULL, stopper_main, stopper);
    check_settle();
}

/* --- tasks -------------------------------------------------------------------------------------------- */

/* Begins, and ends when it is let go. The gate orders nothing that the crew does not order itself. */
struct held_task {
    struct tally begun, done;
    struct gate go;
};

static void hold(void *arg)
{
    struct held_task *task = arg;

    tally_add(&task->begun, 1);
    gate_wait(&task->go);
    tally_add(&task->done, 1);
}

static void submit_held(struct crew *crew, struct held_task *task)
{
    CHECK_INT(crew_submit(crew, hold, task), 0,
              "crew_submit refused a task, and the crew is not being stopped");
    tally_await(&task->begun, 1);
}

/* --- idle --------------------------------------------------------------------------------------------- */

static void idle(void)
{
    struct crew *crew = crew_of(3, keep);

    check_settle(); /* all three sleep, for want of work */
    crew_stop(crew);
}

/* --- busy --------------------------------------------------------------------------------------------- */

static void busy(void)
{
    struct held_task tasks[2] = {0};
    struct crew *crew = crew_of(2, keep);
    struct stopper stopper;

    submit_held(crew, &tasks[0]);
    submit_held(crew, &tasks[1]);
    stop_in_a_thread(&stopper, crew, crew_stop);
    CHECK_THAT(tally_read(&stopper.returned) == 0, CLASS_THREAD_LEAK,
               "crew_stop returned while two tasks were running: nobody waits for their threads any more");
    CHECK_INT(crew_submit(crew, hold, &tasks[0]), -1, "what crew_submit answers during a stop");
    gate_open(&tasks[0].go);
    gate_open(&tasks[1].go);
    pthread_join(stopper.thread, NULL);
    CHECK_INT(tally_read(&tasks[0].done) + tally_read(&tasks[1].done), 2,
              "the number of running tasks that were allowed to finish");
}

/* --- again -------------------------------------------------------------------------------------------- */

static void stop_twice(void)
{
    struct crew *crew = crew_of(1, keep);

    check_settle();
    crew_stop(crew);
    CHECK_THAT(joins.count == 1, CLASS_THREAD_LEAK,
               "crew_stop returned without joining its worker, which may still be on its last steps through "
               "the crew");
    crew_stop(crew);
    check_settle(); /* should anybody still be there, then he does not move any more */
    crew_destroy(crew);
}

/* Two threads stop the same crew, while a task keeps its worker busy. */
static void stop_from_two_sides(void)
{
    struct held_task task = {0};
    struct crew *crew = crew_of(1, keep);
    struct stopper first, second;

    submit_held(crew, &task);
    stop_in_a_thread(&first, crew, crew_stop);
    stop_in_a_thread(&second, crew, crew_stop);
    CHECK_THAT(
        tally_read(&first.returned) + tally_read(&second.returned) == 0, CLASS_WRONG_ORDER,
        "%s crew_stop returned while a task was running: whoever called it may now free what the task uses",
        tally_read(&first.returned) ? "a" : "the second");
    gate_open(&task.go);
    pthread_join(first.thread, NULL);
    pthread_join(second.thread, NULL);
}

static void again(void)
{
    stop_from_two_sides();
    joins_clear();
    stop_twice();
}

/* --- undone ------------------------------------------------------------------------------------------- */

enum { UNDONE = 3 };

static struct {
    struct crew *crew;
    struct tally ran, discarded[UNDONE];
} lot;

static void note_run(void *arg)
{
    tally_add(&lot.ran, 1);
    free(arg);
}

static void note_discard(void *arg)
{
    int number = *(int *)arg;

    CHECK_INT(crew_submit(lot.crew, hold, NULL), -1, "what crew_submit answers to a discard function");
    tally_add(&lot.discarded[number], 1);
    free(arg);
}

static void submit_undone(struct crew *crew)
{
    for (int i = 0; i < UNDONE; i++) {
        int *arg = malloc(sizeof *arg);
        *arg = i;
        CHECK_INT(crew_submit(crew, note_run, arg), 0,
                  "crew_submit refused a task, and the crew is not being stopped");
    }
}

/* The one worker is held until the destroy can go no further, so that whatever is freed too early has been
 * freed when the worker looks. */
static void undone(void)
{
    struct held_task task = {0};
    struct stopper stopper;

    lot.crew = crew_of(1, note_discard);
    submit_held(lot.crew, &task);
    submit_undone(lot.crew);
    stop_in_a_thread(&stopper, lot.crew, crew_destroy);
    gate_open(&task.go);
    check_settle();
    pthread_join(stopper.thread, NULL);
    CHECK_INT(tally_read(&lot.ran), 0, "tasks that had not begun at the stop, and were run all the same");
    for (int i = 0; i < UNDONE; i++)
        CHECK_THAT(
            tally_read(&lot.discarded[i]) == 1, CLASS_MEMORY_LEAK,
            "%d tasks had not begun at the stop, and the argument of number %d was never given to discard",
            UNDONE, i);
}

/* --- fields ------------------------------------------------------------------------------------------- */

/* A short and quiet life, for the tool that knows of every byte whether it has ever been set. The crew is not
 * freed, and not lost either: `lot` still points to it. */
static void fields(void)
{
    struct held_task task = {0};

    lot.crew = crew_of(1, keep);
    gate_open(&task.go);
    submit_held(lot.crew, &task);
    check_settle();
    crew_stop(lot.crew);
}

CHECKS({"idle", idle}, {"busy", busy}, {"again", again}, {"undone", undone}, {"fields", fields});
