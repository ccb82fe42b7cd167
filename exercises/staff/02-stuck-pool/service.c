/* service.c - the till's threads, its queue, its lines. See service.h.
 *
 * Order of the locks: none is taken while another is held, except that orders.c may take a line while it
 * holds the ledger.
 */
#include "service.h"

#include <stdlib.h>

struct queue {
    pthread_mutex_t lock;
    /* Guarded by lock. */
    struct order orders[ROOM_MOST];
    unsigned first, count;
    int closed;
    pthread_cond_t room; /* rung when: an order was taken out */
    pthread_cond_t work; /* rung when: an order was put in, or closed */
};

struct lines {
    pthread_mutex_t lock;
    /* Guarded by lock. */
    struct line *idle[LINES_MOST]; /* the one that has been idle longest comes first */
    unsigned first, count;
    pthread_cond_t given; /* rung when: a line was given back */
};

struct bell {
    pthread_mutex_t lock;
    /* Guarded by lock. */
    unsigned due; /* audits */
    int closed;
    pthread_cond_t rung; /* rung when: an audit is due, or closed */
};

struct service {
    struct settings settings; /* fixed after the start */
    struct queue queue;
    struct lines lines;
    struct bell bell;
    struct ledger ledger;
    pthread_t intake, auditor, workers[WORKERS_MOST]; /* of the thread that starts and stops */
};

struct ledger *service_ledger(struct service *service)
{
    return &service->ledger;
}

/* --- the queue ---------------------------------------------------------------------------------------- */

static void queue_put(struct queue *queue, unsigned room, const struct order *order)
{
    pthread_mutex_lock(&queue->lock);
    while (queue->count == room)
        pthread_cond_wait(&queue->room, &queue->lock);
    queue->orders[(queue->first + queue->count++) % ROOM_MOST] = *order;
    tell(EVENT_QUEUED, order);
    pthread_cond_signal(&queue->work);
    pthread_mutex_unlock(&queue->lock);
}

/* 1, or 0 when the queue is closed and empty. */
static int queue_take(struct queue *queue, struct order *order)
{
    int found;

    pthread_mutex_lock(&queue->lock);
    while (queue->count == 0 && !queue->closed)
        pthread_cond_wait(&queue->work, &queue->lock);
    found = queue->count > 0;
    if (found) {
        *order = queue->orders[queue->first];
        queue->first = (queue->first + 1) % ROOM_MOST;
        queue->count--;
        pthread_cond_signal(&queue->room);
    }
    pthread_mutex_unlock(&queue->lock);
    return found;
}

static void queue_close(struct queue *queue)
{
    pthread_mutex_lock(&queue->lock);
    queue->closed = 1;
    pthread_cond_broadcast(&queue->work);
    pthread_mutex_unlock(&queue->lock);
}

/* --- the lines ---------------------------------------------------------------------------------------- */

static struct line *idle_line_locked(struct lines *lines)
{
    struct line *line = lines->idle[lines->first];

    lines->first = (lines->first + 1) % LINES_MOST;
    lines->count--;
    return line;
}

struct line *line_take(struct service *service)
{
    struct lines *lines = &service->lines;

    pthread_mutex_lock(&lines->lock);
    while (lines->count == 0)
        pthread_cond_wait(&lines->given, &lines->lock);
    struct line *line = idle_line_locked(lines);
    pthread_mutex_unlock(&lines->lock);
    return line;
}

struct line *line_try_take(struct service *service)
{
    struct lines *lines = &service->lines;

    pthread_mutex_lock(&lines->lock);
    struct line *line = lines->count > 0 ? idle_line_locked(lines) : NULL;
    pthread_mutex_unlock(&lines->lock);
    return line;
}

void line_give(struct service *service, struct line *line)
{
    struct lines *lines = &service->lines;

    pthread_mutex_lock(&lines->lock);
    lines->idle[(lines->first + lines->count++) % LINES_MOST] = line;
    pthread_cond_signal(&lines->given);
    pthread_mutex_unlock(&lines->lock);
}

/* --- the auditor's bell ------------------------------------------------------------------------------- */

static void bell_ring(struct bell *bell, unsigned due, int closed)
{
    pthread_mutex_lock(&bell->lock);
    bell->due += due;
    bell->closed |= closed;
    pthread_cond_signal(&bell->rung);
    pthread_mutex_unlock(&bell->lock);
}

/* 1, or 0 when the bell is closed and no audit is due. */
static int bell_wait(struct bell *bell)
{
    int due;

    pthread_mutex_lock(&bell->lock);
    while (bell->due == 0 && !bell->closed)
        pthread_cond_wait(&bell->rung, &bell->lock);
    due = bell->due > 0;
    bell->due -= (unsigned)due;
    pthread_mutex_unlock(&bell->lock);
    return due;
}

/* --- the threads -------------------------------------------------------------------------------------- */

static void *intake(void *arg)
{
    struct service *service = arg;
    struct order order;

    while (shop_next(&order)) {
        queue_put(&service->queue, service->settings.room, &order);
        if (order.id % service->settings.audit_every == 0)
            bell_ring(&service->bell, 1, 0);
    }
    return NULL;
}

static void *worker(void *arg)
{
    struct service *service = arg;
    struct order order;

    while (queue_take(&service->queue, &order)) {
        tell(EVENT_BEGUN, &order);
        order_run(service, &order);
        tell(EVENT_ENDED, &order);
    }
    return NULL;
}

static void *auditor(void *arg)
{
    struct service *service = arg;

    while (bell_wait(&service->bell))
        audit_run(service);
    return NULL;
}

static pthread_t thread_start(struct service *service, void *(*run)(void *), const char *name)
{
    pthread_t thread;

    if (pthread_create(&thread, NULL, run, service) != 0)
        abort();
    pthread_setname_np(thread, name);
    return thread;
}

struct service *service_start(const struct settings *settings)
{
    struct service *service =
        calloc(1, sizeof *service); /* locks and conditions: zero is their initializer */

    if (!service)
        abort();
    service->settings = *settings;
    for (unsigned i = 0; i < settings->lines; i++)
        line_give(service, line_open(i));
    for (unsigned i = 0; i < settings->workers; i++) {
        char name[] = "worker-1";
        name[sizeof name - 2] += (char)i;
        service->workers[i] = thread_start(service, worker, name);
    }
    service->auditor = thread_start(service, auditor, "auditor");
    service->intake = thread_start(service, intake, "intake");
    return service;
}

void service_stop(struct service *service)
{
    pthread_join(service->intake, NULL);
    queue_close(&service->queue);
    for (unsigned i = 0; i < service->settings.workers; i++)
        pthread_join(service->workers[i], NULL);
    bell_ring(&service->bell, 0, 1);
    pthread_join(service->auditor, NULL);
}

void service_destroy(struct service *service)
{
    free(service);
}
