/* Shows: while one compartment is asked for more than it has, the other's own place is always there; and who
 * waits is let in by who leaves.
 *
 *     deepend explore reference/protection/test/explore/bulkhead.c reference/protection/bulkhead.c
 *         --cflags "-Ireference/core -Ireference/protection"
 *
 *     broken reference/protection/bulkhead.c wrong-result: /pool_bulkhead_leave/,/^}/s/serve_one_locked(bulkhead);//
 *     broken reference/protection/bulkhead.c wrong-result: s/borrowed < bulkhead->shared/borrowed <= bulkhead->shared/
 */
#include "bulkhead.h"
#include <assert.h>
#include <pthread.h>
#include <stdatomic.h>

static struct pool_compartment *reads, *writes;
static atomic_int reading;

static void *read_patiently(void *unused)
{
    struct timespec deadline;
    clock_gettime(CLOCK_MONOTONIC, &deadline);
    deadline.tv_sec += 3600;
    enum pool_status status = pool_bulkhead_enter(reads, &deadline);
    assert(status == POOL_OK);
    int others = atomic_fetch_add(&reading, 1);
    assert(others == 0);
    atomic_fetch_sub(&reading, 1);
    pool_bulkhead_leave(reads);
    return unused;
}

int main(void)
{
    static const struct pool_compartment_options kinds[] = {
        {.name = "read", .reserved = 1, .limit = 2, .waiting = 2},
        {.name = "write", .reserved = 1, .limit = 1}};
    struct pool_bulkhead *bulkhead;
    pthread_t threads[2];

    if (pool_bulkhead_create(&bulkhead, &(struct pool_bulkhead_options){2, kinds, 2}) != POOL_OK)
        return 2;
    reads = pool_bulkhead_find(bulkhead, "read");
    writes = pool_bulkhead_find(bulkhead, "write");
    for (int i = 0; i < 2; i++)
        pthread_create(&threads[i], NULL, read_patiently, NULL);
    enum pool_status status = pool_bulkhead_try(writes);
    assert(status == POOL_OK);
    for (int i = 0; i < 2; i++)
        pthread_join(threads[i], NULL);
    struct pool_bulkhead_counts now = pool_bulkhead_counts(bulkhead);
    assert(now.inside == 1 && now.borrowed == 0 && now.waiting == 0);
    pool_bulkhead_leave(writes);
    pool_bulkhead_destroy(bulkhead);
    return 0;
}
