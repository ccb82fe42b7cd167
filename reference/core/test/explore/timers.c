/* Shows: a timer is called on time, a cancel comes before or after a call and never during one, and stop
 * joins.
 *
 *     deepend explore reference/core/test/explore/timers.c reference/core/timers.c --cflags -Ireference/core
 */
#include "timers.h"
#include <assert.h>
#include <pthread.h>

static struct pool_timers *timers;
static struct pool_timer once, again;

static void count_up(void *arg, const struct pool_tick *tick)
{
    assert(pool_clock_now(NULL) >= tick->due);
    ++*(int *)arg; /* not atomic: cancel, or stop, has to order it before the reading */
}

static void *cancel_once(void *calls)
{
    enum pool_status status = pool_timers_cancel(timers, &once);
    assert(*(int *)calls == (status == POOL_ALREADY));
    return calls;
}

int main(void)
{
    pthread_t thread;
    int of_once = 0, of_again = 0;
    uint64_t now = pool_clock_now(NULL);

    if (pool_timers_create(&timers, NULL) != POOL_OK)
        return 2;
    enum pool_status status = pool_timers_add(timers, &once, now + POOL_SECOND, 0, count_up, &of_once);
    assert(status == POOL_OK);
    status = pool_timers_add(timers, &again, now + POOL_MILLISECOND, POOL_SECOND, count_up, &of_again);
    assert(status == POOL_OK);
    pthread_create(&thread, NULL, cancel_once, &of_once);
    pthread_join(thread, NULL);
    status = pool_timers_stop(timers);
    assert(status == POOL_OK);
    assert(of_again >= 0 && of_once <= 1);
    pool_timers_destroy(timers);
    return 0;
}
