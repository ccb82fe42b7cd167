/* explore: class=livelock certain
 *
 * A lock is not given back on one way out, and another thread tries for ever, yielding.
 */
#include "../crew.h"
#include <sched.h>
#include <stdatomic.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static atomic_int tries;

static void *work(void *number)
{
    while (pthread_mutex_trylock(&lock) != 0)
        sched_yield();
    if (atomic_fetch_add(&tries, 1) == 0)
        return number; /* forgot to unlock */
    pthread_mutex_unlock(&lock);
    return number;
}

int main(void)
{
    struct crew crew = {.count = 0};

    crew_start(&crew, 2, work);
    crew_join(&crew);
    return 0;
}
