/* explore: class=deadlock level=0
 *
 * Three threads in a ring, each with two locks; and main waits for the first of them.
 */
#include "../crew.h"

enum { LOCKS = 3 };

static pthread_mutex_t lock[LOCKS] = {PTHREAD_MUTEX_INITIALIZER, PTHREAD_MUTEX_INITIALIZER,
                                      PTHREAD_MUTEX_INITIALIZER};

static void *member(void *number)
{
    int low = (int)(intptr_t)number, high = (low + 1) % LOCKS;

    pthread_mutex_lock(&lock[low]);
    pthread_mutex_lock(&lock[high]);
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
