/* crew.c - the workers are detached and counted, and the stop waits until the count is zero. */
#include "crew.h"

#include <pthread.h>
#include <stdlib.h>

struct job {
    crew_task *run;
    void *arg;
    struct job *next;
};

struct crew {
    void (*discard)(void *arg);
    pthread_mutex_t lock;
    pthread_cond_t work; /* signalled when: a job came, or the crew is being stopped */
    struct job *first, **last;
    enum { OPEN, STOPPING, GONE } phase; /* it only moves on */
    pthread_cond_t gone;                 /* signalled when: phase is GONE */
    unsigned workers;                    /* that were started */
    unsigned left;                       /* workers that have said goodbye */
    pthread_t threads[];
};

/* Wait for a job and take it. NULL: the worker may go home. */
static struct job *next_job(struct crew *crew)
{
    struct job *job = NULL;

    pthread_mutex_lock(&crew->lock);
    while (!crew->first && crew->phase == OPEN)
        pthread_cond_wait(&crew->work, &crew->lock);
    if (crew->phase == OPEN) {
        job = crew->first;
        crew->first = job->next;
        if (!crew->first)
            crew->last = &crew->first;
    }
    pthread_mutex_unlock(&crew->lock);
    return job;
}

static void *worker_main(void *arg)
{
    struct crew *crew = arg;
    struct job *job;

    while ((job = next_job(crew))) {
        job->run(job->arg);
        free(job);
    }
    pthread_mutex_lock(&crew->lock);
    crew->left++;
    pthread_cond_broadcast(&crew->gone);
    pthread_mutex_unlock(&crew->lock);
    return NULL;
}

struct crew *crew_create(unsigned workers, void (*discard)(void *arg))
{
    struct crew *crew = malloc(sizeof *crew + workers * sizeof crew->threads[0]);

    if (!crew)
        return NULL;
    crew->discard = discard;
    pthread_mutex_init(&crew->lock, NULL);
    pthread_cond_init(&crew->work, NULL);
    crew->first = NULL;
    crew->last = &crew->first;
    crew->phase = OPEN;
    crew->left = 0;
    pthread_cond_init(&crew->gone, NULL);
    for (crew->workers = 0; crew->workers < workers; crew->workers++) {
        if (pthread_create(&crew->threads[crew->workers], NULL, worker_main, crew) != 0) {
            crew_destroy(crew);
            return NULL;
        }
        pthread_detach(crew->threads[crew->workers]);
    }
    return crew;
}

int crew_submit(struct crew *crew, crew_task *run, void *arg)
{
    struct job *job = malloc(sizeof *job);
    int accepted = 0;

    if (!job)
        return -1;
    *job = (struct job){run, arg, NULL};
    pthread_mutex_lock(&crew->lock);
    if (crew->phase == OPEN) {
        *crew->last = job;
        crew->last = &job->next;
        pthread_cond_signal(&crew->work);
        accepted = 1;
    }
    pthread_mutex_unlock(&crew->lock);
    if (!accepted)
        free(job);
    return accepted ? 0 : -1;
}

/* --- the end ------------------------------------------------------------------------------------------ */

/* The jobs are ours alone: nobody can reach them any more. */
static void discard_all(const struct crew *crew, struct job *job)
{
    while (job) {
        struct job *next = job->next;
        crew->discard(job->arg);
        free(job);
        job = next;
    }
}

static void await_all(struct crew *crew)
{
    pthread_mutex_lock(&crew->lock);
    while (crew->left < crew->workers)
        pthread_cond_wait(&crew->gone, &crew->lock);
    crew->phase = GONE;
    pthread_cond_broadcast(&crew->gone);
    pthread_mutex_unlock(&crew->lock);
}

void crew_stop(struct crew *crew)
{
    pthread_mutex_lock(&crew->lock);
    if (crew->phase == OPEN) {
        struct job *undone = crew->first;
        crew->first = NULL;
        crew->phase = STOPPING;
        pthread_cond_broadcast(&crew->work);
        pthread_mutex_unlock(&crew->lock);
        discard_all(crew, undone);
        await_all(crew);
        return;
    }
    while (crew->phase != GONE)
        pthread_cond_wait(&crew->gone, &crew->lock);
    pthread_mutex_unlock(&crew->lock);
}

void crew_destroy(struct crew *crew)
{
    crew_stop(crew);
    pthread_cond_destroy(&crew->gone);
    pthread_cond_destroy(&crew->work);
    pthread_mutex_destroy(&crew->lock);
    free(crew);
}
