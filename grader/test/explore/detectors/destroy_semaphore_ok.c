/* explore: class=ok level=0
 *
 * A semaphore is destroyed when the thread that waited for it has been joined.
 */
#include "../crew.h"
#include <semaphore.h>

static sem_t permits;

static void *user(void *number)
{
    (void)number;
    sem_wait(&permits);
    return NULL;
}

int main(void)
{
    struct crew crew = {.count = 0};

    sem_init(&permits, 0, 0);
    crew_start(&crew, 1, user);
    sem_post(&permits);
    crew_join(&crew);
    sem_destroy(&permits);
    return 0;
}
