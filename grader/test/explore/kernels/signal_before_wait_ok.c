/* explore: class=ok level=0
 *
 * Signal before wait, right: what is waited for is a fact, and the fact is looked at first.
 */
#include "../crew.h"

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t ready = PTHREAD_COND_INITIALIZER; /* is_ready */
static int is_ready;                                    /* guarded by lock */

static void *waiter(void *number)
{
    (void)number;
    pthread_mutex_lock(&lock);
    while (!is_ready)
        pthread_cond_wait(&ready, &lock);
    pthread_mutex_unlock(&lock);
    return NULL;
}

static void *signaller(void *number)
{
    (void)number;
    pthread_mutex_lock(&lock);
    is_ready = 1;
    pthread_cond_signal(&ready);
    pthread_mutex_unlock(&lock);
    return NULL;
}

int main(void)
{
    struct crew crew = {.count = 0};

    crew_start(&crew, 1, waiter);
    crew_start(&crew, 1, signaller);
    crew_join(&crew);
    return !is_ready;
}
