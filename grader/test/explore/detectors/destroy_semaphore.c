/* explore: class=misuse level=0
 *
 * A semaphore is destroyed while a thread waits for it.
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
    sem_destroy(&permits);
    crew_join(&crew);
    return 0;
}
