/* explore: class=ok level=0
 *
 * Dining philosophers with a gate: forks are taken in the same circle as in the wrong one, but only one
 * philosopher at a time is taking forks. The order of the locks is no order, and yet nobody starves.
 */
#include "../crew.h"

enum { SEATS = 5 };

static pthread_mutex_t gate = PTHREAD_MUTEX_INITIALIZER;
static pthread_mutex_t fork_at[SEATS] = {PTHREAD_MUTEX_INITIALIZER, PTHREAD_MUTEX_INITIALIZER,
                                         PTHREAD_MUTEX_INITIALIZER, PTHREAD_MUTEX_INITIALIZER,
                                         PTHREAD_MUTEX_INITIALIZER};

static void *philosopher(void *number)
{
    int seat = (int)(intptr_t)number;

    pthread_mutex_lock(&gate);
    pthread_mutex_lock(&fork_at[seat]);
    pthread_mutex_lock(&fork_at[(seat + 1) % SEATS]);
    pthread_mutex_unlock(&gate);
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
