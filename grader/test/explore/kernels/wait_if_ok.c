/* explore: class=ok level=0
 *
 * Waiting with `while`: whoever wakes looks again.
 */
#include "../crew.h"
#include <assert.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t filled = PTHREAD_COND_INITIALIZER; /* items > 0 */
static int items;                                        /* guarded by lock */

static void *consumer(void *number)
{
    (void)number;
    pthread_mutex_lock(&lock);
    while (items == 0)
        pthread_cond_wait(&filled, &lock);
    assert(items > 0);
    items--;
    pthread_mutex_unlock(&lock);
    return NULL;
}

static void *producer(void *number)
{
    (void)number;
    for (int i = 0; i < 2; i++) {
        pthread_mutex_lock(&lock);
        items++;
        pthread_cond_broadcast(&filled);
        pthread_mutex_unlock(&lock);
    }
    return NULL;
}

int main(void)
{
    struct crew crew = {.count = 0};

    crew_start(&crew, 2, consumer);
    crew_start(&crew, 1, producer);
    crew_join(&crew);
    return items;
}
