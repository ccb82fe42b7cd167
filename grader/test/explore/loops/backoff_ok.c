/* explore: class=ok
 *
 * Two threads take two locks in opposite orders, but give back the first when they cannot have the second,
 * and sleep, each time longer and each its own time.
 */
#include "../crew.h"
#include <time.h>

static pthread_mutex_t locks[2] = {PTHREAD_MUTEX_INITIALIZER, PTHREAD_MUTEX_INITIALIZER};

static void *take_both(void *number)
{
    intptr_t me = (intptr_t)number;
    struct timespec pause = {0, 1000 + 700 * me};

    for (;;) {
        pthread_mutex_lock(&locks[me]);
        if (pthread_mutex_trylock(&locks[1 - me]) == 0)
            break;
        pthread_mutex_unlock(&locks[me]);
        nanosleep(&pause, NULL);
        pause.tv_nsec *= 2;
    }
    pthread_mutex_unlock(&locks[1 - me]);
    pthread_mutex_unlock(&locks[me]);
    return NULL;
}

int main(void)
{
    struct crew crew = {.count = 0};

    crew_start(&crew, 2, take_both);
    crew_join(&crew);
    return 0;
}
