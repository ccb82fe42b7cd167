/* explore: class=ok
 *
 * A thread spins for a while, counting, before it sleeps properly: it comes to an end though nothing changes.
 */
#include "../crew.h"
#include <stdatomic.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static atomic_int ready;

static void *consume(void *number)
{
    for (int i = 0; i < 3000 && !atomic_load(&ready); i++)
        ;
    pthread_mutex_lock(&lock);
    while (!atomic_load(&ready))
        pthread_cond_wait(&changed, &lock);
    pthread_mutex_unlock(&lock);
    return number;
}

int main(void)
{
    struct crew crew = {.count = 0};

    crew_start(&crew, 1, consume);
    for (int i = 0; i < 3000; i++)
        atomic_load(&ready);
    pthread_mutex_lock(&lock);
    atomic_store(&ready, 1);
    pthread_cond_signal(&changed);
    pthread_mutex_unlock(&lock);
    crew_join(&crew);
    return 0;
}
