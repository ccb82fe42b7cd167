/* explore: class=deadlock level=0
 *
 * Dining philosophers: each takes the fork to the left, then the one to the right. When all have the left
 * one, none will ever get the right one.
 */
#include "../crew.h"

enum { SEATS = 5 };

static pthread_mutex_t fork_at[SEATS] = {PTHREAD_MUTEX_INITIALIZER, PTHREAD_MUTEX_INITIALIZER,
                                         PTHREAD_MUTEX_INITIALIZER, PTHREAD_MUTEX_INITIALIZER,
                                         PTHREAD_MUTEX_INITIALIZER};

static void *philosopher(void *number)
{
    int seat = (int)(intptr_t)number;

    pthread_mutex_lock(&fork_at[seat]);
    pthread_mutex_lock(&fork_at[(seat + 1) % SEATS]);
    pthread_mutex_unlock(&fork_at[(seat + 1) % SEATS]);
    pthread_mutex_unlock(&fork_at[seat]);
    return NULL;
}

int main(void)
{
    struct crew crew = {.count = 0};

    crew_start(&crew, SEATS, philosopher);
    crew_join(&crew);
    return 0;
}
