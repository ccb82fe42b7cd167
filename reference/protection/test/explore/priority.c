/* Shows: one thread puts and two take: nothing waits beside a sleeper, all is taken once, and who waits for
 * more hears of the stop.
 *
 *     deepend explore reference/protection/test/explore/priority.c reference/protection/priority.c
 *         --cflags "-Ireference/core -Ireference/protection"
 *
 *     broken reference/protection/priority.c wrong-result: s/while (\(.*\) == POOL_EMPTY && deadline/if (\1 == POOL_EMPTY \&\& deadline/
 *     broken reference/protection/priority.c wrong-result: /^static enum pool_status put_locked/,/^}/s/bell_ring(&queue->work);//
 */
#include "priority.h"
#include <assert.h>
#include <pthread.h>
#include <stdatomic.h>

static struct pool_priority *queue;
static atomic_int taken;

static enum pool_status take(void)
{
    struct timespec deadline;
    void *item = NULL;

    clock_gettime(CLOCK_MONOTONIC, &deadline);
    deadline.tv_sec += 3600;
    enum pool_status status = pool_priority_take(queue, &item, &deadline);
    assert(pool_clock_now(NULL) < (uint64_t)deadline.tv_sec * POOL_SECOND); /* nobody sleeps to its end */
    if (status == POOL_OK)
        atomic_fetch_add(&taken, *(int *)item);
    return status;
}

static void *take_one(void *unused)
{
    enum pool_status status = take();
    assert(status == POOL_OK);
    return unused;
}

static void *hear_of_the_stop(void *unused)
{
    enum pool_status status = take();
    assert(status == POOL_STOPPED);
    return unused;
}

int main(void)
{
    static int urgent = 1, later = 16;
    struct pool_priority_options options = {.levels = 2, .items = 2, .age = POOL_PRIORITY_STRICT};
    pthread_t takers[2];

    if (pool_priority_create(&queue, &options) != POOL_OK)
        return 2;
    for (int i = 0; i < 2; i++)
        pthread_create(&takers[i], NULL, take_one, NULL);
    if (pool_priority_put(queue, 1, &later) != POOL_OK || pool_priority_put(queue, 0, &urgent) != POOL_OK)
        return 2;
    for (int i = 0; i < 2; i++)
        pthread_join(takers[i], NULL);
    pthread_create(&takers[0], NULL, hear_of_the_stop, NULL);
    pool_priority_stop(queue);
    pthread_join(takers[0], NULL);
    assert(taken == 17);
    pool_priority_destroy(queue);
    return 0;
}
