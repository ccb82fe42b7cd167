/* explore: class=misuse level=0
 *
 * A barrier is destroyed while a thread waits at it.
 */
#include "../crew.h"

static pthread_barrier_t both;

static void *user(void *number)
{
    (void)number;
    pthread_barrier_wait(&both);
    return NULL;
}

int main(void)
{
    struct crew crew = {.count = 0};

    pthread_barrier_init(&both, NULL, 2);
    crew_start(&crew, 1, user);
    pthread_barrier_destroy(&both);
    crew_join(&crew);
    return 0;
}
