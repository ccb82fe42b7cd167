/* explore: class=misuse level=0
 *
 * A semaphore is posted after it has been destroyed, when the other thread is late.
 */
#include "../crew.h"
#include <semaphore.h>

static sem_t permits;

static void *post(void *number)
{
    sem_post(&permits);
    return number;
}

int main(void)
{
    struct crew crew = {.count = 0};

    sem_init(&permits, 0, 1);
    crew_start(&crew, 1, post);
    sem_wait(&permits);
    sem_destroy(&permits);
    crew_join(&crew);
    return 0;
}
