/* workers.c - the given half of the service: its birth, its queue, its workers, its counts.
 *
 * A worker holds the lock only between two jobs: there it books the one that it has run and takes the next.
 * Nothing here changes the phase.
 */
#include "service.h"

#include <assert.h>
#include <stdlib.h>

static _Thread_local const struct service *mine; /* whose job this thread is running */

int service_inside(const struct service *service)
{
    return mine == service;
}

/* --- the queue ------------------------------------------------------------------------------------------ */

void service_push(struct service *service, struct job job)
{
    assert(service->queued < ROOM);
    service->jobs[(service->first + service->queued) % ROOM] = job;
    service->queued++;
}

struct job service_pop(struct service *service)
{
    assert(service->queued > 0);
    struct job job = service->jobs[service->first];

    service->jobs[service->first] = (struct job){0};
    service->first = (service->first + 1) % ROOM;
    service->queued--;
    return job;
}

/* --- the workers ---------------------------------------------------------------------------------------- */

/* Wait for a job and take it. 0: there will be no more for any worker. */
static int take_locked(struct service *service, struct job *job)
{
    while (service->queued == 0 && service->phase == PHASE_OPEN)
        pthread_cond_wait(&service->work, &service->lock);
    if (service->queued == 0 || service->phase >= PHASE_STOPPING)
        return 0;
    *job = service_pop(service);
    service->running++;
    pthread_cond_signal(&service->room);
    return 1;
}

static void run(const struct service *service, const struct job *job)
{
    mine = service;
    job->run(job->arg);
    mine = NULL;
}

static void *worker_main(void *arg)
{
    struct service *service = arg;
    struct job job;

    pthread_mutex_lock(&service->lock);
    while (take_locked(service, &job)) {
        pthread_mutex_unlock(&service->lock);
        run(service, &job);
        pthread_mutex_lock(&service->lock);
        service->running--;
        service->completed++;
        pthread_cond_broadcast(&service->ended);
    }
    service->alive--;
    pthread_cond_broadcast(&service->ended);
    pthread_mutex_unlock(&service->lock);
    return NULL;
}

/* --- the service ---------------------------------------------------------------------------------------- */

struct service *service_create(int workers, void (*give_back)(void *arg))
{
    struct service *service = calloc(1, sizeof *service);

    if (!service)
        abort();
    service->give_back = give_back;
    service->workers = workers;
    service->alive = workers;
    pthread_mutex_init(&service->lock, NULL);
    pthread_cond_init(&service->work, NULL);
    pthread_cond_init(&service->room, NULL);
    pthread_cond_init(&service->ended, NULL);
    for (int i = 0; i < workers; i++)
        if (pthread_create(&service->threads[i], NULL, worker_main, service) != 0)
            abort();
    return service;
}

void service_destroy(struct service *service)
{
    service_stop(service);
    pthread_cond_destroy(&service->ended);
    pthread_cond_destroy(&service->room);
    pthread_cond_destroy(&service->work);
    pthread_mutex_destroy(&service->lock);
    free(service);
}

struct service_counts service_counts(struct service *service)
{
    pthread_mutex_lock(&service->lock);
    struct service_counts counts = {.submitted = service->submitted,
                                    .completed = service->completed,
                                    .discarded = service->discarded,
                                    .queued = service->queued,
                                    .running = service->running,
                                    .refused = service->refused};
    pthread_mutex_unlock(&service->lock);
    return counts;
}
