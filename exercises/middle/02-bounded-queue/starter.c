/* queue.c - a queue between threads.
 *
 * The list grows with every put, whatever the capacity says, so nobody ever waits for room.
 */
#include "queue.h"

#include <pthread.h>
#include <stdlib.h>

struct node {
    void *item;
    struct node *next;
};

struct queue {
    size_t capacity;
    pthread_mutex_t lock;
    pthread_cond_t items; /* signalled when: an item came, or the queue was closed */
    struct node *first, **last;
    size_t count;
    int closed;
};

struct queue *queue_create(size_t capacity)
{
    struct queue *queue = calloc(1, sizeof *queue);

    if (!queue)
        return NULL;
    pthread_mutex_init(&queue->lock, NULL);
    pthread_cond_init(&queue->items, NULL);
    queue->capacity = capacity;
    queue->last = &queue->first;
    return queue;
}

enum queue_status queue_put(struct queue *queue, void *item)
{
    pthread_mutex_lock(&queue->lock);
    if (queue->closed) {
        pthread_mutex_unlock(&queue->lock);
        return QUEUE_CLOSED;
    }
    struct node *node = malloc(sizeof *node);
    *node = (struct node){item, NULL};
    *queue->last = node;
    queue->last = &node->next;
    queue->count++;
    pthread_cond_signal(&queue->items);
    pthread_mutex_unlock(&queue->lock);
    return QUEUE_OK;
}

enum queue_status queue_try_put(struct queue *queue, void *item)
{
    return queue_put(queue, item);
}

enum queue_status queue_put_until(struct queue *queue, void *item, const struct timespec *deadline)
{
    (void)deadline;
    return queue_put(queue, item);
}

enum queue_status queue_take(struct queue *queue, void **item)
{
    pthread_mutex_lock(&queue->lock);
    while (queue->count == 0 && !queue->closed)
        pthread_cond_wait(&queue->items, &queue->lock);
    struct node *node = queue->first;
    if (node) {
        queue->first = node->next;
        if (!queue->first)
            queue->last = &queue->first;
        queue->count--;
        *item = node->item;
    }
    pthread_mutex_unlock(&queue->lock);
    free(node);
    return node ? QUEUE_OK : QUEUE_CLOSED;
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
    pthread_cond_broadcast(&queue->items);
    pthread_mutex_unlock(&queue->lock);
}

void queue_destroy(struct queue *queue)
{
    while (queue->first) {
        struct node *node = queue->first;
        queue->first = node->next;
        free(node);
    }
    pthread_cond_destroy(&queue->items);
    pthread_mutex_destroy(&queue->lock);
    free(queue);
}
