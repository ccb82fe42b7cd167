/* explore: class=misuse level=0
 *
 * Whoever leaves the barrier last, as its result says, destroys it; but there is a second round.
 */
#include "../crew.h"

static pthread_barrier_t both;

static void *meet(void *number)
{
    if (pthread_barrier_wait(&both) == PTHREAD_BARRIER_SERIAL_THREAD)
        pthread_barrier_destroy(&both);
    else
        pthread_barrier_wait(&both);
    return number;
}

int main(void)
{
    struct crew crew = {.count = 0};

    pthread_barrier_init(&both, NULL, 2);
    crew_start(&crew, 2, meet);
    crew_join(&crew);
    return 0;
}
