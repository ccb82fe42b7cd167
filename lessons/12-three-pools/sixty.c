/* sixty.c - the pool that one writes first, in sixty lines between the rules; and what happens when its
 * worker is busy.
 */
#include <pthread.h>
#include <semaphore.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

/* ------------------------------------------------------------------------------------------------------ */

struct node {
    void (*run)(void *arg);
    void *arg;
    struct node *next;
};

struct pool {
    pthread_mutex_t lock;
    pthread_cond_t work; /* waited for until: first != NULL || closed */
    struct node *first, **last;
    bool closed;
    long waiting, signals; /* for the figures */
    pthread_t thread;
};

static void *worker(void *arg)
{
    struct pool *pool = arg;
    pthread_mutex_lock(&pool->lock);
    for (;;) {
        while (!pool->first && !pool->closed)
            pthread_cond_wait(&pool->work, &pool->lock);
        struct node *node = pool->first;
        if (!node)
            break;
        pool->first = node->next;
        if (!pool->first)
            pool->last = &pool->first;
        pool->waiting--;
        pthread_mutex_unlock(&pool->lock);
        node->run(node->arg);
        free(node);
        pthread_mutex_lock(&pool->lock);
    }
    pthread_mutex_unlock(&pool->lock);
    return NULL;
}

static bool submit(struct pool *pool, void (*run)(void *arg), void *arg)
{
    struct node *node = malloc(sizeof *node);
    if (!node)
        return false;
    *node = (struct node){.run = run, .arg = arg};
    pthread_mutex_lock(&pool->lock);
    *pool->last = node;
    pool->last = &node->next;
    pool->waiting++;
    pool->signals++;
    pthread_cond_signal(&pool->work);
    pthread_mutex_unlock(&pool->lock);
    return true;
}

static void finish(struct pool *pool)
{
    pthread_mutex_lock(&pool->lock);
    pool->closed = true;
    pthread_cond_signal(&pool->work);
    pthread_mutex_unlock(&pool->lock);
    pthread_join(pool->thread, NULL);
}

/* ------------------------------------------------------------------------------------------------------ */

struct gate {
    sem_t reached, open;
};

static void stand(void *arg)
{
    struct gate *gate = arg;
    sem_post(&gate->reached);
    sem_wait(&gate->open);
}

static void count(void *ran)
{
    ++*(long *)ran; /* one worker */
}

int main(void)
{
    enum { OFFERED = 100000 };
    struct pool pool = {.lock = PTHREAD_MUTEX_INITIALIZER, .work = PTHREAD_COND_INITIALIZER};
    struct gate gate;
    long taken = 0, ran = 0;

    pool.last = &pool.first;
    sem_init(&gate.reached, 0, 0);
    sem_init(&gate.open, 0, 0);
    if (pthread_create(&pool.thread, NULL, worker, &pool) != 0 || !submit(&pool, stand, &gate))
        return 2;
    sem_wait(&gate.reached);
    pool.signals = 0; /* the worker stands in its task and touches nothing */
    for (int i = 0; i < OFFERED; i++)
        taken += submit(&pool, count, &ran);
    printf("the worker is busy: of %d tasks %ld were taken, %ld wait\n", OFFERED, taken, pool.waiting);
    printf("memory for them: %ld blocks; signals to a worker that did not sleep: %ld\n", pool.waiting,
           pool.signals);
    sem_post(&gate.open);
    finish(&pool);
    printf("ran: %ld\n", ran);
    return 0;
}
