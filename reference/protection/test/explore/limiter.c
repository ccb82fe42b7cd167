/* Shows: with a limit of one, three callers are never in flight together, nobody who only tries slips in
 * before one that waits, and who waits is let in by who is done.
 *
 *     deepend explore reference/protection/test/explore/limiter.c reference/protection/limiter.c
 *         reference/protection/limit_rule.c --cflags "-Ireference/core -Ireference/protection"
 *
 *     broken reference/protection/limiter.c race: s/in_flight >= limiter->counts.limit)/in_flight > limiter->counts.limit)/
 *     broken reference/protection/limiter.c wrong-result: /pool_limiter_done/,/^}/s/serve_line_locked(limiter);//
 */
#include "limiter.h"
#include <assert.h>
#include <pthread.h>

static struct pool_limiter *limiter;
static int calls; /* not atomic: who has the permit is alone */

static void *call(void *unused)
{
    struct pool_limiter_permit permit;
    struct timespec deadline;

    clock_gettime(CLOCK_MONOTONIC, &deadline);
    deadline.tv_sec += 3600;
    enum pool_status status = pool_limiter_wait(limiter, &permit, &deadline);
    assert(status == POOL_OK);
    calls++;
    pool_limiter_done(limiter, &permit, POOL_CALL_GOOD);
    return unused;
}

int main(void)
{
    struct pool_limiter_options options = {.rule = POOL_LIMITER_FIXED, .start = 1};
    struct pool_limiter_permit permit;
    pthread_t threads[2];
    int mine = 0;

    if (pool_limiter_create(&limiter, &options) != POOL_OK)
        return 2;
    for (int i = 0; i < 2; i++)
        pthread_create(&threads[i], NULL, call, NULL);
    if (pool_limiter_try(limiter, &permit) == POOL_OK) {
        calls++;
        mine = 1;
        pool_limiter_done(limiter, &permit, POOL_CALL_GOOD);
    }
    for (int i = 0; i < 2; i++)
        pthread_join(threads[i], NULL);
    struct pool_limiter_counts now = pool_limiter_counts(limiter);
    assert(calls == 2 + mine && now.in_flight == 0 && now.peak == 1);
    pool_limiter_destroy(limiter);
    return 0;
}
