/* let_go.c - a thread waits on a condition variable for a second, and so lets go of its mutex. Does main find
 * it locked? Both: 0 and 1.
 */
#include "../crew.h"
#include <stdio.h>
#include <time.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t never = PTHREAD_COND_INITIALIZER;

static void *wait_a_little(void *number)
{
    struct timespec until = {1700000001, 0};

    pthread_mutex_lock(&lock);
    pthread_cond_timedwait(&never, &lock, &until);
    pthread_mutex_unlock(&lock);
    return number;
}

int main(void)
{
    struct crew crew = {.count = 0};

    crew_start(&crew, 1, wait_a_little);
    int got[2];
    for (int i = 0; i < 2; i++) {
        got[i] = pthread_mutex_trylock(&lock) == 0;
        if (got[i])
            pthread_mutex_unlock(&lock);
    }
    crew_join(&crew);
    printf("%d %d\n", got[0], got[1]);
    return 0;
}
