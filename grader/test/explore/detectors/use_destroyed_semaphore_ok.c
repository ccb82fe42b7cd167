/* explore: class=ok level=0
 *
 * A semaphore is destroyed when the post, too, has been taken, and made anew.
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
    sem_wait(&permits);
    sem_destroy(&permits);
    sem_init(&permits, 0, 0);
    crew_join(&crew);
    return 0;
}
