/* service.c - whoever finds the workers gone joins them. */
#include "service.h"

/* Move on to PHASE, never back. Everybody who sleeps for a job or for room must look again. */
static void close_locked(struct service *service, enum phase phase)
{
    if (service->phase >= phase)
        return;
    service->phase = phase;
    pthread_cond_broadcast(&service->work);
    pthread_cond_broadcast(&service->room);
}

enum service_status service_submit(struct service *service, void (*run)(void *arg), void *arg)
{
    pthread_mutex_lock(&service->lock);
    service->visitors++;
    while (service->phase == PHASE_OPEN && service->queued == ROOM)
        pthread_cond_wait(&service->room, &service->lock);
    int open = service->phase == PHASE_OPEN;
    if (open) {
        service_push(service, (struct job){run, arg});
        service->submitted++;
        pthread_cond_signal(&service->work);
    } else {
        service->refused++;
    }
    if (--service->visitors == 0)
        pthread_cond_broadcast(&service->ended);
    pthread_mutex_unlock(&service->lock);
    return open ? SERVICE_OK : SERVICE_CLOSED;
}

/* Throw out what waits, and say how much that was. Lets go of the lock for each job. */
static int discard_locked(struct service *service)
{
    int count = 0;

    while (service->queued > 0) {
        struct job job = service_pop(service);
        service->discarded++;
        count++;
        pthread_mutex_unlock(&service->lock);
        service->give_back(job.arg);
        pthread_mutex_lock(&service->lock);
    }
    return count;
}

/* Wait until the workers have left and no submitter is inside; one of the threads that wait here joins the
 * workers, and the others wait for it. */
static void join_locked(struct service *service)
{
    while (service->alive > 0 || service->visitors > 0)
        pthread_cond_wait(&service->ended, &service->lock);
    if (service->phase == PHASE_GONE)
        return;
    service->phase = PHASE_JOINING;
    pthread_mutex_unlock(&service->lock);
    for (int i = 0; i < service->workers; i++)
        pthread_join(service->threads[i], NULL);
    pthread_mutex_lock(&service->lock);
    service->phase = PHASE_GONE;
    pthread_cond_broadcast(&service->ended);
}

static int busy_locked(const struct service *service)
{
    return service->queued > 0 || service->running > 0;
}

enum service_status service_drain_until(struct service *service, const struct timespec *deadline,
                                        struct leftover *left)
{
    enum service_status status = SERVICE_OK;
    int late = 0;

    *left = (struct leftover){0};
    if (service_inside(service))
        return SERVICE_INSIDE;
    pthread_mutex_lock(&service->lock);
    close_locked(service, PHASE_DRAINING);
    while (busy_locked(service) && late != ETIMEDOUT)
        late = pthread_cond_clockwait(&service->ended, &service->lock, CLOCK_MONOTONIC, deadline);
    if (busy_locked(service)) {
        close_locked(service, PHASE_STOPPING);
        left->discarded = discard_locked(service);
        left->running = service->running;
        status = SERVICE_TIMED_OUT;
    } else {
        join_locked(service); /* whoever has not left is on the way out */
    }
    pthread_mutex_unlock(&service->lock);
    return status;
}

enum service_status service_stop(struct service *service)
{
    if (service_inside(service))
        return SERVICE_INSIDE;
    pthread_mutex_lock(&service->lock);
    close_locked(service, PHASE_STOPPING);
    discard_locked(service);
    join_locked(service);
    pthread_mutex_unlock(&service->lock);
    return SERVICE_OK;
}
