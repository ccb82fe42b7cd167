/* explore: class=ok level=0
 *
 * A timed wait ends at its deadline when no signal comes, and the clock says so.
 */
#include <assert.h>
#include <errno.h>
#include <pthread.h>
#include <time.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t never = PTHREAD_COND_INITIALIZER; /* no predicate: nobody signals it */

int main(void)
{
    struct timespec deadline, now;
    int result = 0;

    clock_gettime(CLOCK_REALTIME, &deadline);
    deadline.tv_sec += 60;
    pthread_mutex_lock(&lock);
    while (result == 0)
        result = pthread_cond_timedwait(&never, &lock, &deadline);
    pthread_mutex_unlock(&lock);
    clock_gettime(CLOCK_REALTIME, &now);
    assert(result == ETIMEDOUT);
    assert(now.tv_sec == deadline.tv_sec && now.tv_nsec == deadline.tv_nsec);
    return 0;
}
