/* Shows: of two callers that come to a breaker whose opening is over, never more than one is let through to
 * probe at a time; its good end closes the breaker.
 *
 *     deepend explore reference/protection/test/explore/breaker.c reference/protection/breaker.c
 *         reference/protection/tally.c --cflags "-Ireference/core -Ireference/protection"
 *
 *     broken reference/protection/breaker.c wrong-result: s/probes_good >= breaker->options.probes/probes_good > breaker->options.probes/
 */
#include "breaker.h"
#include <assert.h>
#include <pthread.h>
#include <stdatomic.h>

static struct pool_breaker *breaker;
static uint64_t now; /* moved before the threads start */
static atomic_int probing, passed;

static uint64_t read_now(void *unused)
{
    (void)unused;
    return now;
}

static void *call(void *unused)
{
    struct pool_breaker_pass pass;
    if (pool_breaker_enter(breaker, &pass) != POOL_OK)
        return unused;
    int others = atomic_fetch_add(&probing, 1);
    assert(others == 0);
    atomic_fetch_add(&passed, 1);
    atomic_fetch_sub(&probing, 1);
    enum pool_status status = pool_breaker_leave(breaker, &pass, POOL_CALL_GOOD);
    assert(status == POOL_OK);
    return unused;
}

int main(void)
{
    struct pool_clock clock = {.now = read_now};
    struct pool_breaker_options options = {.window = POOL_SECOND,
                                           .volume = 2,
                                           .percent = 50,
                                           .open_least = POOL_SECOND,
                                           .open_most = POOL_SECOND,
                                           .probes = 1,
                                           .clock = &clock};
    pthread_t threads[2];

    if (pool_breaker_create(&breaker, &options) != POOL_OK || pool_breaker_trip(breaker) != POOL_OK)
        return 2;
    now = POOL_SECOND;
    for (int i = 0; i < 2; i++)
        pthread_create(&threads[i], NULL, call, NULL);
    for (int i = 0; i < 2; i++)
        pthread_join(threads[i], NULL);
    struct pool_breaker_view view = pool_breaker_view(breaker);
    assert(view.state == POOL_BREAKER_CLOSED && passed >= 1 && view.late == 0);
    pool_breaker_destroy(breaker);
    return 0;
}
