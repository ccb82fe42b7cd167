/* queue.c - reckons how long a put may wait, and waits so long. */
#include "queue.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>

struct queue {
    size_t capacity; /* fixed after create */
    pthread_mutex_t lock;
    pthread_cond_t room;  /* signalled when: a slot became free, or the queue was closed */
    pthread_cond_t items; /* signalled when: an item came, or the queue was closed */
    size_t head, count;
    int closed;
    void *slots[]; /* the oldest item is at `head`; the others follow and wrap round */
};

struct queue *queue_create(size_t capacity)
{
    struct queue *queue = calloc(1, sizeof *queue + capacity * sizeof queue->slots[0]);
    pthread_condattr_t monotonic;

    if (!queue)
        return NULL;
    queue->capacity = capacity;
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_mutex_init(&queue->lock, NULL);
    pthread_cond_init(&queue->room, &monotonic);
    pthread_cond_init(&queue->items, &monotonic);
    pthread_condattr_destroy(&monotonic);
    return queue;
}

/* One attempt. */
static enum queue_status put_locked(struct queue *queue, void *item)
{
    if (queue->closed)
        return QUEUE_CLOSED;
    if (queue->count == queue->capacity)
        return QUEUE_FULL;
    queue->slots[(queue->head + queue->count) % queue->capacity] = item;
    queue->count++;
    pthread_cond_signal(&queue->items);
    return QUEUE_OK;
}

enum queue_status queue_put(struct queue *queue, void *item)
{
    enum queue_status status;

    pthread_mutex_lock(&queue->lock);
    while ((status = put_locked(queue, item)) == QUEUE_FULL)
        pthread_cond_wait(&queue->room, &queue->lock);
    pthread_mutex_unlock(&queue->lock);
    return status;
}

enum queue_status queue_try_put(struct queue *queue, void *item)
{
    pthread_mutex_lock(&queue->lock);
    enum queue_status status = put_locked(queue, item);
    pthread_mutex_unlock(&queue->lock);
    return status;
}

/* The moment that lies LEFT from now. */
static struct timespec from_now(const struct timespec *left)
{
    struct timespec moment;

    clock_gettime(CLOCK_MONOTONIC, &moment);
    moment.tv_sec += left->tv_sec;
    moment.tv_nsec += left->tv_nsec;
    if (moment.tv_nsec >= 1000000000) {
        moment.tv_sec++;
        moment.tv_nsec -= 1000000000;
    }
    return moment;
}

static struct timespec time_until(const struct timespec *deadline)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    struct timespec left = {deadline->tv_sec - now.tv_sec, deadline->tv_nsec - now.tv_nsec};
    if (left.tv_nsec < 0) {
        left.tv_sec--;
        left.tv_nsec += 1000000000;
    }
    return left.tv_sec < 0 ? (struct timespec){0, 0} : left;
}

enum queue_status queue_put_until(struct queue *queue, void *item, const struct timespec *deadline)
{
    enum queue_status status;
    struct timespec left = time_until(deadline);
    int late = 0;

    pthread_mutex_lock(&queue->lock);
    while ((status = put_locked(queue, item)) == QUEUE_FULL && !late) {
        struct timespec until = from_now(&left);
        late = pthread_cond_timedwait(&queue->room, &queue->lock, &until) == ETIMEDOUT;
    }
    pthread_mutex_unlock(&queue->lock);
    return status == QUEUE_FULL ? QUEUE_TIMED_OUT : status;
}

enum queue_status queue_take(struct queue *queue, void **item)
{
    enum queue_status status = QUEUE_CLOSED;

    pthread_mutex_lock(&queue->lock);
    while (queue->count == 0 && !queue->closed)
        pthread_cond_wait(&queue->items, &queue->lock);
    if (queue->count > 0) {
        *item = queue->slots[queue->head];
        queue->head = (queue->head + 1) % queue->capacity;
        queue->count--;
        pthread_cond_signal(&queue->room);
        status = QUEUE_OK;
    }
    pthread_mutex_unlock(&queue->lock);
    return status;
}

size_t queue_length(struct queue *queue)
{
    pthread_mutex_lock(&queue->lock);
    size_t count = queue->count;
    pthread_mutex_unlock(&queue->lock);
    return count;
}

void queue_close(struct queue *queue)
{
    pthread_mutex_lock(&queue->lock);
    queue->closed = 1;
    pthread_cond_broadcast(&queue->room);
    pthread_cond_broadcast(&queue->items);
    pthread_mutex_unlock(&queue->lock);
}

void queue_destroy(struct queue *queue)
{
    pthread_cond_destroy(&queue->items);
    pthread_cond_destroy(&queue->room);
    pthread_mutex_destroy(&queue->lock);
    free(queue);
}
