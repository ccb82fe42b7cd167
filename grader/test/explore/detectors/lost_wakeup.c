/* explore: class=lost-wakeup level=0
 *
 * What is waited for changes without the lock: between the look and the wait, where the signal finds nobody.
 */
#include "../crew.h"
#include <stdatomic.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t done = PTHREAD_COND_INITIALIZER; /* is_done */
static atomic_int is_done;

static void *waiter(void *number)
{
    (void)number;
    pthread_mutex_lock(&lock);
    while (!atomic_load(&is_done))
        pthread_cond_wait(&done, &lock);
    pthread_mutex_unlock(&lock);
    return NULL;
}

static void *worker(void *number)
{
    (void)number;
    atomic_store(&is_done, 1);
    pthread_cond_signal(&done);
    return NULL;
}

int main(void)
{
    struct crew crew = {.count = 0};

    crew_start(&crew, 1, waiter);
    crew_start(&crew, 1, worker);
    crew_join(&crew);
    return 0;
}
