/* explore: class=lost-wakeup level=0
 *
 * Token ring: all wait on one condition variable, and one is woken. If it is not the one whose turn it is, it
 * goes back to sleep, and the signal is gone.
 */
#include "../crew.h"

enum { SEATS = 4, ROUNDS = 2 };

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t moved = PTHREAD_COND_INITIALIZER; /* token == my seat */
static int token;                                       /* guarded by lock */

static void *member(void *number)
{
    int seat = (int)(intptr_t)number;

    pthread_mutex_lock(&lock);
    for (int i = 0; i < ROUNDS; i++) {
        while (token != seat)
            pthread_cond_wait(&moved, &lock);
        token = (seat + 1) % SEATS;
        pthread_cond_signal(&moved);
    }
    pthread_mutex_unlock(&lock);
    return NULL;
}

int main(void)
{
    struct crew crew = {.count = 0};

    crew_start(&crew, SEATS, member);
    crew_join(&crew);
    return token;
}
