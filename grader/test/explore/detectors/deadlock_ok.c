/* explore: class=ok level=0
 *
 * Three threads in a ring, each with two locks; the second is only tried, and the first given back if need
 * be.
 */
#include "../crew.h"

enum { LOCKS = 3 };

static pthread_mutex_t lock[LOCKS] = {PTHREAD_MUTEX_INITIALIZER, PTHREAD_MUTEX_INITIALIZER,
                                      PTHREAD_MUTEX_INITIALIZER};

static void *member(void *number)
{
    int low = (int)(intptr_t)number, high = (low + 1) % LOCKS;

    pthread_mutex_lock(&lock[low]);
    if (pthread_mutex_trylock(&lock[high]) == 0)
        pthread_mutex_unlock(&lock[high]);
    pthread_mutex_unlock(&lock[low]);
    return NULL;
}

int main(void)
{
    struct crew crew = {.count = 0};

    crew_start(&crew, LOCKS, member);
    crew_join(&crew);
    return 0;
}
