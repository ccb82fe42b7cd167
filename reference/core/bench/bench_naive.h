/* bench_naive.h - the pool that one writes first: a mutex, a list, a malloc for every task, a signal at every
 * step. To measure against; no room is ever too small for it.
 */
#ifndef DEEPEND_BENCH_NAIVE_H
#define DEEPEND_BENCH_NAIVE_H

#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>

enum { NAIVE_MOST = 8 };

struct naive_node {
    void (*run)(void *arg);
    void *arg;
    struct naive_node *next;
};

struct naive {
    pthread_mutex_t lock;
    pthread_cond_t work; /* waited for until: first != NULL || closed */
    pthread_cond_t idle; /* waited for until: pending == 0 */
    struct naive_node *first, **last;
    size_t pending; /* queued or running */
    bool closed;
    unsigned workers;
    pthread_t threads[NAIVE_MOST];
};

static inline void *naive_worker(void *arg)
{
    struct naive *pool = arg;
    pthread_mutex_lock(&pool->lock);
    for (;;) {
        while (!pool->first && !pool->closed)
            pthread_cond_wait(&pool->work, &pool->lock);
        struct naive_node *node = pool->first;
        if (!node)
            break;
        pool->first = node->next;
        if (!pool->first)
            pool->last = &pool->first;
        pthread_mutex_unlock(&pool->lock);
        node->run(node->arg);
        free(node);
        pthread_mutex_lock(&pool->lock);
        if (--pool->pending == 0)
            pthread_cond_broadcast(&pool->idle);
    }
    pthread_mutex_unlock(&pool->lock);
    return NULL;
}

static inline void *naive_create(unsigned workers, size_t room)
{
    struct naive *pool = calloc(1, sizeof *pool);
    (void)room;
    if (!pool || workers > NAIVE_MOST)
        abort();
    pthread_mutex_init(&pool->lock, NULL);
    pthread_cond_init(&pool->work, NULL);
    pthread_cond_init(&pool->idle, NULL);
    pool->last = &pool->first;
    for (; pool->workers < workers; pool->workers++)
        if (pthread_create(&pool->threads[pool->workers], NULL, naive_worker, pool) != 0)
            abort();
    return pool;
}

static inline void naive_submit(void *arg, void (*run)(void *arg), void *task)
{
    struct naive *pool = arg;
    struct naive_node *node = malloc(sizeof *node);
    if (!node)
        abort();
    *node = (struct naive_node){.run = run, .arg = task};
    pthread_mutex_lock(&pool->lock);
    *pool->last = node;
    pool->last = &node->next;
    pool->pending++;
    pthread_cond_signal(&pool->work);
    pthread_mutex_unlock(&pool->lock);
}

static inline void naive_wait(void *arg)
{
    struct naive *pool = arg;
    pthread_mutex_lock(&pool->lock);
    while (pool->pending > 0)
        pthread_cond_wait(&pool->idle, &pool->lock);
    pthread_mutex_unlock(&pool->lock);
}

static inline void naive_destroy(void *arg)
{
    struct naive *pool = arg;
    pthread_mutex_lock(&pool->lock);
    pool->closed = true;
    pthread_cond_broadcast(&pool->work);
    pthread_mutex_unlock(&pool->lock);
    for (unsigned i = 0; i < pool->workers; i++)
        pthread_join(pool->threads[i], NULL);
    pthread_cond_destroy(&pool->work);
    pthread_cond_destroy(&pool->idle);
    pthread_mutex_destroy(&pool->lock);
    free(pool);
}

#endif
