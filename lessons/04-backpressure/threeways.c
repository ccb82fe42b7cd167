/* threeways.c - three ways to meet a full queue, shown on the reference pool.
 *
 * One worker, kept busy by a semaphore, and room for four tasks: what is full stays full until the program
 * says so. Nothing here depends on who is quicker.
 */
#include "pool.h"

#include <semaphore.h>
#include <stdio.h>

enum { ROOM = 4, ORDERS = 9 };

struct oven {
    struct pool *pool;
    sem_t started, go; /* of the first cake */
    /* Touched by the pool's only worker, then, after the drain, by main. */
    int baked;
    size_t most_waiting;
};

static void bake_first(void *arg)
{
    struct oven *oven = arg;

    sem_post(&oven->started);
    sem_wait(&oven->go);
}

static void bake(void *arg)
{
    struct oven *oven = arg;
    struct pool_counts counts = pool_counts(oven->pool);

    oven->baked++;
    if (counts.queued > oven->most_waiting)
        oven->most_waiting = counts.queued;
}

/* Returns how many orders were refused. */
static int offer_without_waiting(struct oven *oven)
{
    int refused = 0;

    for (int i = 0; i < ORDERS; i++)
        refused += pool_try_submit(oven->pool, bake, oven) == POOL_FULL;
    printf("try:    of %d orders %d are taken, %d get the answer: %s\n", ORDERS, ORDERS - refused, refused,
           pool_status_text(POOL_FULL));
    return refused;
}

static void offer_until_a_deadline(struct oven *oven)
{
    struct timespec deadline = pool_deadline_after(20);
    enum pool_status status = pool_submit_until(oven->pool, bake, oven, &deadline);

    printf("until:  one of them waits for 20 ms, and gets the answer: %s\n", pool_status_text(status));
}

static void offer_and_wait(struct oven *oven, int orders)
{
    int taken = 0;

    for (int i = 0; i < orders; i++)
        taken += pool_submit(oven->pool, bake, oven) == POOL_OK;
    printf("wait:   the worker may go on, and all %d are taken, each when there is room\n", taken);
}

int main(void)
{
    struct oven oven = {0};

    sem_init(&oven.started, 0, 0);
    sem_init(&oven.go, 0, 0);
    if (pool_create(&oven.pool, &(struct pool_options){.workers = 1, .capacity = ROOM}) != POOL_OK ||
        pool_submit(oven.pool, bake_first, &oven) != POOL_OK)
        return 1;
    sem_wait(&oven.started);
    int refused = offer_without_waiting(&oven);
    offer_until_a_deadline(&oven);
    sem_post(&oven.go);
    offer_and_wait(&oven, refused);
    pool_drain(oven.pool);
    printf("in all: %d baked, and never more than %d were waiting in the queue\n", oven.baked, ROOM);
    pool_destroy(oven.pool);
    sem_destroy(&oven.go);
    sem_destroy(&oven.started);
    return oven.most_waiting > ROOM;
}
