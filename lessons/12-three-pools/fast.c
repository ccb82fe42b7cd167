/* fast.c - the third step is the library: a worker takes many tasks for one turn of the lock, and yet holds
 * nothing back.
 *
 * Twelve tasks stand behind one that is stuck. The only worker takes all thirteen at once. A second worker
 * comes, finds the queue empty, and runs what the first has in its hand.
 */
#include "pool_control.h"
#include <sched.h>
#include <semaphore.h>
#include <stdio.h>

struct gate {
    sem_t reached, open, ran;
};

static void stand(void *arg)
{
    struct gate *gate = arg;
    sem_post(&gate->reached);
    sem_wait(&gate->open);
}

static void tell(void *arg)
{
    sem_post(&((struct gate *)arg)->ran);
}

static void print(const char *when, struct pool *pool)
{
    struct pool_counts now = pool_counts(pool);
    printf("%-24s %zu waiting, %zu running, %llu done\n", when, now.queued, now.running, now.completed);
}

int main(void)
{
    enum { BEHIND = 12 };
    struct pool_options options = {.workers = 1, .ceiling = 2, .queue = POOL_UNBOUNDED, .batch = 32};
    struct pool *pool;
    struct gate gate;

    sem_init(&gate.reached, 0, 0);
    sem_init(&gate.open, 0, 0);
    sem_init(&gate.ran, 0, 0);
    if (pool_create(&pool, &options) != POOL_OK || pool_pause(pool) != POOL_OK ||
        pool_submit(pool, stand, &gate) != POOL_OK)
        return 2;
    for (int i = 0; i < BEHIND; i++)
        if (pool_submit(pool, tell, &gate) != POOL_OK)
            return 2;
    pool_resume(pool);
    sem_wait(&gate.reached);
    print("one worker, and stuck:", pool);
    if (pool_resize(pool, 2) != POOL_OK)
        return 2;
    for (int i = 0; i < BEHIND; i++)
        sem_wait(&gate.ran);
    while (pool_counts(pool).running > 1)
        sched_yield(); /* the last one has told, and is just being booked */
    print("a second one has come:", pool);
    sem_post(&gate.open);
    pool_drain(pool);
    print("the first goes on:", pool);
    pool_destroy(pool);
    return 0;
}
