/* explore: class=ok level=0
 *
 * Token ring, right: all are woken, and the one whose turn it is goes on.
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
        pthread_cond_broadcast(&moved);
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
