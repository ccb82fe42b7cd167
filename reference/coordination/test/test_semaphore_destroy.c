/* test_semaphore_destroy.c - a destroy that wakes by chance looks again whether the last waiter has left.
 *
 * The wait of the taker stops at a gate; the first wait of the destroy ends at once and for no reason, the
 * second opens that gate. A destroy that does not wait a second time has freed what the taker is still in.
 */
/* link: -Wl,--wrap=pthread_cond_wait */
#include "coordination_test.h"
#include "pool_semaphore.h"

/* The wrapper has no argument for these. */
static struct gate taker_gate;
static pthread_t destroyer;
static int destroyer_waits; /* written by the destroyer */

int __real_pthread_cond_wait(pthread_cond_t *cond, pthread_mutex_t *mutex);

int __wrap_pthread_cond_wait(pthread_cond_t *cond, pthread_mutex_t *mutex)
{
    if (pthread_equal(pthread_self(), destroyer)) {
        if (++destroyer_waits == 1)
            return 0;
        gate_open(&taker_gate);
        return __real_pthread_cond_wait(cond, mutex);
    }
    pthread_mutex_unlock(mutex);
    gate_pass(&taker_gate);
    pthread_mutex_lock(mutex);
    return 0;
}

static enum pool_status take(void *semaphore)
{
    return pool_semaphore_acquire(semaphore, 1);
}

static void a_destroy_that_wakes_by_chance_waits_on(void **state)
{
    (void)state;
    struct pool_semaphore *semaphore;
    struct call taker;
    gate_init(&taker_gate);
    destroyer = pthread_self();
    assert_int_equal(pool_semaphore_create(&semaphore, 1), POOL_OK);
    assert_int_equal(pool_semaphore_acquire(semaphore, 1), POOL_OK);
    call_start(&taker, take, semaphore);
    gate_await(&taker_gate);
    pool_semaphore_destroy(semaphore);
    assert_int_equal(destroyer_waits,
                     2); /* if not, the taker stays at its gate: what it would touch is gone */
    assert_int_equal(call_join(&taker), POOL_STOPPED);
    gate_release(&taker_gate);
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        CASE(a_destroy_that_wakes_by_chance_waits_on),
    };
    return cmocka_run_group_tests_name("coordination: the end of a semaphore", cases, NULL, NULL);
}
