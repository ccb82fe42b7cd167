/* explore: class=misuse level=0
 *
 * A thread that has to wait gives the mutex back first, and waits without it.
 */
#include "../crew.h"

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t ready = PTHREAD_COND_INITIALIZER; /* is_ready */
static int is_ready;                                    /* guarded by lock */

static void *waiter(void *number)
{
    (void)number;
    pthread_mutex_lock(&lock);
    int has_to_wait = !is_ready;
    pthread_mutex_unlock(&lock);
    if (has_to_wait)
        pthread_cond_wait(&ready, &lock);
    else
        pthread_mutex_lock(&lock);
    pthread_mutex_unlock(&lock);
    return NULL;
}

int main(void)
{
    struct crew crew = {.count = 0};

    crew_start(&crew, 1, waiter);
    pthread_mutex_lock(&lock);
    is_ready = 1;
    pthread_cond_signal(&ready);
    pthread_mutex_unlock(&lock);
    crew_join(&crew);
    return 0;
}
