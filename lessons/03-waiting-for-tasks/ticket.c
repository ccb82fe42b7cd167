/* ticket.c - a submit that waits, made of one that does not: a ticket on the caller's stack.
 *
 * A first task keeps the only worker until a semaphore says otherwise, so what a submit has not waited for
 * cannot have begun.
 */
#include "pool.h"

#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stdio.h>

/* Where the caller waits for its own task. */
struct ticket {
    pool_task *run;
    void *arg;
    pthread_mutex_t lock;
    pthread_cond_t rung; /* when: done */
    int done;            /* guarded by lock */
};

static void ticket_run(void *arg)
{
    struct ticket *ticket = arg;

    ticket->run(ticket->arg);
    pthread_mutex_lock(&ticket->lock);
    ticket->done = 1; /* after the task: that is what the caller waits for */
    pthread_cond_signal(&ticket->rung);
    pthread_mutex_unlock(&ticket->lock); /* the last touch: the caller's stack may be gone after it */
}

/* Returns when the task has ended, or at once when it was refused. */
static enum pool_status submit_and_wait(struct pool *pool, pool_task *run, void *arg)
{
    struct ticket ticket = {.run = run, .arg = arg};
    enum pool_status status;

    pthread_mutex_init(&ticket.lock, NULL);
    pthread_cond_init(&ticket.rung, NULL);
    status = pool_submit(pool, ticket_run, &ticket);
    pthread_mutex_lock(&ticket.lock);
    while (status == POOL_OK && !ticket.done)
        pthread_cond_wait(&ticket.rung, &ticket.lock);
    pthread_mutex_unlock(&ticket.lock);
    pthread_cond_destroy(&ticket.rung);
    pthread_mutex_destroy(&ticket.lock);
    return status;
}

static void wait_for_go(void *go)
{
    sem_wait(go);
}

static void raise_flag(void *arg)
{
    atomic_int *flag = arg;

    atomic_store(flag, 1);
}

int main(void)
{
    atomic_int first = 0, second = 0;
    struct pool *pool;
    sem_t go;

    sem_init(&go, 0, 0);
    if (pool_create(&pool, &(struct pool_options){.workers = 1, .capacity = 4}) != POOL_OK ||
        pool_submit(pool, wait_for_go, &go) != POOL_OK || pool_submit(pool, raise_flag, &first) != POOL_OK)
        return 1;
    printf("submit has returned:          its task has %s\n", atomic_load(&first) ? "ended" : "not begun");
    sem_post(&go);
    if (submit_and_wait(pool, raise_flag, &second) != POOL_OK)
        return 1;
    printf("submit_and_wait has returned: its task has %s\n", atomic_load(&second) ? "ended" : "not begun");
    pool_destroy(pool);
    sem_destroy(&go);
    return 0;
}
