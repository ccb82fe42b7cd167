/* crew.c - see crew.h. One lock, one condition; a task is never run under the lock.
 *
 * Not here: a bound, refusals, stopping early, detecting a task that waits for its own crew. That last one is
 * what the exercise is about.
 */
#include "crew.h"

#include <assert.h>
#include <pthread.h>
#include <stdlib.h>

struct task {
    crew_task *run;
    void *arg;
    struct task *next;
};

struct crew {
    unsigned workers; /* fixed once they run */

    pthread_mutex_t lock;
    /* Guarded by lock. */
    struct task *first, **end; /* the queue; `end` is where the next task is linked in */
    struct crew_state state;
    int closing;
    pthread_cond_t work; /* rung when: a task came, or closing */

    pthread_t threads[]; /* of the thread that creates and destroys */
};

/* Each thread's own: the crew that it works for, and how many tasks it is inside of. */
static _Thread_local const struct crew *employer;
static _Thread_local unsigned inside;

/* --- the queue --------------------------------------------------------------------------------------- */

static void push_locked(struct crew *crew, struct task *task)
{
    *crew->end = task;
    crew->end = &task->next;
    crew->state.queued++;
    pthread_cond_signal(&crew->work);
}

/* Unlink the task that *AT points to. */
static struct task *take_locked(struct crew *crew, struct task **at)
{
    struct task *task = *at;

    *at = task->next;
    if (crew->end == &task->next)
        crew->end = at;
    crew->state.queued--;
    return task;
}

/* --- running ----------------------------------------------------------------------------------------- */

/* Run a task that was taken from the queue. The lock is dropped meanwhile. */
static void run_locked(struct crew *crew, struct task *task)
{
    struct task mine = *task;

    free(task);
    inside++;
    if (inside > crew->state.deepest)
        crew->state.deepest = inside;
    pthread_mutex_unlock(&crew->lock);
    mine.run(mine.arg);
    pthread_mutex_lock(&crew->lock);
    inside--;
}

static void *worker(void *arg)
{
    struct crew *crew = arg;

    employer = crew;
    pthread_mutex_lock(&crew->lock);
    for (;;) {
        while (!crew->first && !crew->closing)
            pthread_cond_wait(&crew->work, &crew->lock);
        if (!crew->first)
            break;
        crew->state.busy++;
        run_locked(crew, take_locked(crew, &crew->first));
        crew->state.busy--;
    }
    pthread_mutex_unlock(&crew->lock);
    return NULL;
}

void crew_submit(struct crew *crew, crew_task *run, void *arg)
{
    struct task *task = malloc(sizeof *task);

    if (!task)
        abort();
    *task = (struct task){run, arg, NULL};
    pthread_mutex_lock(&crew->lock);
    push_locked(crew, task);
    pthread_mutex_unlock(&crew->lock);
}

int crew_run_queued(struct crew *crew, void *arg)
{
    struct task **at = &crew->first;
    int found;

    pthread_mutex_lock(&crew->lock);
    while (*at && (*at)->arg != arg)
        at = &(*at)->next;
    found = *at != NULL;
    if (found)
        run_locked(crew, take_locked(crew, at));
    pthread_mutex_unlock(&crew->lock);
    return found;
}

int crew_help(struct crew *crew)
{
    int found;

    pthread_mutex_lock(&crew->lock);
    found = crew->first != NULL;
    if (found)
        run_locked(crew, take_locked(crew, &crew->first));
    pthread_mutex_unlock(&crew->lock);
    return found;
}

/* --- create, destroy, ask ---------------------------------------------------------------------------- */

struct crew *crew_create(unsigned workers)
{
    struct crew *crew = calloc(1, sizeof *crew + workers * sizeof crew->threads[0]);

    if (!crew)
        return NULL;
    crew->end = &crew->first;
    pthread_mutex_init(&crew->lock, NULL);
    pthread_cond_init(&crew->work, NULL);
    while (crew->workers < workers) {
        if (pthread_create(&crew->threads[crew->workers], NULL, worker, crew) != 0) {
            crew_destroy(crew);
            return NULL;
        }
        crew->workers++;
    }
    return crew;
}

void crew_destroy(struct crew *crew)
{
    if (!crew)
        return;
    assert(employer != crew && "a task must not destroy its own crew");
    pthread_mutex_lock(&crew->lock);
    crew->closing = 1;
    pthread_cond_broadcast(&crew->work);
    pthread_mutex_unlock(&crew->lock);
    for (unsigned i = 0; i < crew->workers; i++)
        pthread_join(crew->threads[i], NULL);
    pthread_cond_destroy(&crew->work);
    pthread_mutex_destroy(&crew->lock);
    free(crew);
}

int crew_inside(const struct crew *crew)
{
    return employer == crew;
}

unsigned crew_workers(const struct crew *crew)
{
    return crew->workers;
}

struct crew_state crew_state(struct crew *crew)
{
    pthread_mutex_lock(&crew->lock);
    struct crew_state state = crew->state;
    pthread_mutex_unlock(&crew->lock);
    return state;
}
