/* service.c - how jobs come in, and how the service ends. */
#include "service.h"

enum service_status service_submit(struct service *service, void (*run)(void *arg), void *arg)
{
    if (service->phase != PHASE_OPEN)
        return SERVICE_CLOSED;
    pthread_mutex_lock(&service->lock);
    while (service->queued == ROOM)
        pthread_cond_wait(&service->room, &service->lock);
    service_push(service, (struct job){run, arg});
    service->submitted++;
    pthread_cond_signal(&service->work);
    pthread_mutex_unlock(&service->lock);
    return SERVICE_OK;
}

static void join_all(struct service *service)
{
    for (int i = 0; i < service->workers; i++)
        pthread_join(service->threads[i], NULL);
}

enum service_status service_drain_until(struct service *service, const struct timespec *deadline,
                                        struct leftover *left)
{
    enum service_status status = SERVICE_OK;

    *left = (struct leftover){0};
    pthread_mutex_lock(&service->lock);
    service->phase = PHASE_DRAINING;
    pthread_cond_broadcast(&service->work);
    if (service->queued > 0 || service->running > 0)
        if (pthread_cond_timedwait(&service->ended, &service->lock, deadline) == ETIMEDOUT) {
            left->running = service->running;
            left->discarded = service->queued;
            service->queued = 0;
            service->phase = PHASE_STOPPING;
            status = SERVICE_TIMED_OUT;
        }
    pthread_mutex_unlock(&service->lock);
    join_all(service);
    return status;
}

enum service_status service_stop(struct service *service)
{
    pthread_mutex_lock(&service->lock);
    service->phase = PHASE_STOPPING;
    service->queued = 0;
    pthread_cond_broadcast(&service->work);
    pthread_mutex_unlock(&service->lock);
    join_all(service);
    return SERVICE_OK;
}
