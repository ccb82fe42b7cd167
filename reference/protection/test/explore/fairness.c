/* Shows: two workers never have two jobs of a tenant that may have one running, every job is done once, and a
 * worker that waits for a turn gets it from the one that is done.
 *
 *     deepend explore reference/protection/test/explore/fairness.c reference/protection/fairness.c
 *         reference/protection/fairness_table.c --cflags "-Ireference/core -Ireference/protection"
 *
 *     broken reference/protection/fairness.c wrong-result: /pool_fairness_done/,/^}/s/bell_ring(&fair->work);/;/
 *     broken reference/protection/fairness.c wrong-result: s/tenant->running++;//
 */
#include "fairness.h"
#include <assert.h>
#include <pthread.h>
#include <stdatomic.h>

static struct pool_fairness *fair;
static atomic_int running[2], done;

static enum pool_status work(void)
{
    struct pool_fairness_job job;
    struct timespec deadline;

    clock_gettime(CLOCK_MONOTONIC, &deadline);
    deadline.tv_sec += 3600;
    enum pool_status status = pool_fairness_take(fair, &job, &deadline);
    assert(pool_clock_now(NULL) < (uint64_t)deadline.tv_sec * POOL_SECOND); /* nobody sleeps to its end */
    if (status == POOL_OK) {
        int others = atomic_fetch_add(&running[job.tenant], 1);
        assert(others == 0);
        atomic_fetch_add(&done, 1);
        atomic_fetch_sub(&running[job.tenant], 1);
        pool_fairness_done(fair, &job);
    }
    assert(status == POOL_OK || status == POOL_STOPPED);
    return status;
}

static void *work_once(void *unused)
{
    (void)work();
    return unused;
}

static void *work_to_the_end(void *unused)
{
    while (work() == POOL_OK)
        ;
    return unused;
}

int main(void)
{
    struct pool_fairness_options options = {
        .pick = POOL_FAIRNESS_ROUND_ROBIN, .tenants = 2, .items = 4, .per_tenant = 2, .running = 1};
    pthread_t workers[2];

    if (pool_fairness_create(&fair, &options) != POOL_OK)
        return 2;
    pthread_create(&workers[0], NULL, work_once, NULL);
    pthread_create(&workers[1], NULL, work_to_the_end, NULL);
    for (int i = 0; i < 3; i++)
        if (pool_fairness_put(fair, i == 2, 1, NULL) != POOL_OK)
            return 2;
    pool_fairness_stop(fair);
    for (int i = 0; i < 2; i++)
        pthread_join(workers[i], NULL);
    assert(done == 3);
    pool_fairness_destroy(fair);
    return 0;
}
