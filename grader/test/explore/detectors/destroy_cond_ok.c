/* explore: class=ok level=0
 *
 * A condition variable is destroyed as soon as its waiters have been woken, which POSIX allows.
 */
#include "../crew.h"

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t ready; /* is_ready */
static int is_ready;         /* guarded by lock */

static void *user(void *number)
{
    (void)number;
    pthread_mutex_lock(&lock);
    while (!is_ready)
        pthread_cond_wait(&ready, &lock);
    pthread_mutex_unlock(&lock);
    return NULL;
}

int main(void)
{
    struct crew crew = {.count = 0};

    pthread_cond_init(&ready, NULL);
    crew_start(&crew, 1, user);
    pthread_mutex_lock(&lock);
    is_ready = 1;
    pthread_cond_broadcast(&ready);
    pthread_mutex_unlock(&lock);
    pthread_cond_destroy(&ready);
    crew_join(&crew);
    return 0;
}
