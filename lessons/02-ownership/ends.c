/* ends.c - four orders, four ways to end, and who frees the argument each time.
 *
 * One worker, one place in the queue. The first task holds the worker until the pool is being stopped, so the
 * second stays in the queue, the third finds it full, and the fourth comes too late: each time, without luck.
 */
#include "pool.h"

#include <semaphore.h>
#include <stdio.h>
#include <stdlib.h>

enum { ORDERS = 4 };

struct evening {
    sem_t started, go; /* of the first order */
    const char *freed_by[ORDERS];
};

/* The argument of a task. Whoever frees it says so. */
struct order {
    struct evening *evening;
    int number;
};

static void order_free(struct order *order, const char *who)
{
    order->evening->freed_by[order->number] = who;
    free(order);
}

static void cook(void *arg)
{
    struct order *order = arg;

    sem_post(&order->evening->started);
    sem_wait(&order->evening->go);
    order_free(order, "the task");
}

static void discard(void *arg)
{
    struct order *order = arg;

    sem_post(&order->evening->go);
    order_free(order, "the discard function");
}

/* Submit one order. Whatever the answer, the order has exactly one owner afterwards. */
static enum pool_status submit(struct pool *pool, struct evening *evening, int number)
{
    struct order *order = malloc(sizeof *order);
    if (!order)
        return POOL_NO_MEMORY;

    *order = (struct order){evening, number};
    enum pool_status status = pool_try_submit(pool, cook, order);
    if (status != POOL_OK)
        order_free(order, "the submitter"); /* it has never left us */
    return status;                          /* accepted: it is not even ours to read any more */
}

int main(void)
{
    static const char *const names[ORDERS] = {"soup", "tea", "pie", "cake"};
    struct evening evening = {0};
    enum pool_status said[ORDERS];
    struct pool *pool;

    sem_init(&evening.started, 0, 0);
    sem_init(&evening.go, 0, 0);
    if (pool_create(&pool, &(struct pool_options){.workers = 1, .capacity = 1, .discard = discard}) !=
        POOL_OK)
        return 1;
    said[0] = submit(pool, &evening, 0);
    sem_wait(&evening.started); /* the worker has taken it: the queue is empty again */
    said[1] = submit(pool, &evening, 1);
    said[2] = submit(pool, &evening, 2);
    pool_stop(pool);
    said[3] = submit(pool, &evening, 3);
    for (int i = 0; i < ORDERS; i++)
        printf("%-6s the pool said: %-30s freed by %s\n", names[i], pool_status_text(said[i]),
               evening.freed_by[i]);
    pool_destroy(pool);
    sem_destroy(&evening.go);
    sem_destroy(&evening.started);
    return 0;
}
