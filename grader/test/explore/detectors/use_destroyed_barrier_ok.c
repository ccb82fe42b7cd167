/* explore: class=ok level=0
 *
 * A barrier is destroyed between two rounds by main, and made anew for the second.
 */
#include "../crew.h"

static pthread_barrier_t both;

static void *meet(void *number)
{
    pthread_barrier_wait(&both);
    return number;
}

int main(void)
{
    for (int i = 0; i < 2; i++) {
        struct crew crew = {.count = 0};
        pthread_barrier_init(&both, NULL, 2);
        crew_start(&crew, 2, meet);
        crew_join(&crew);
        pthread_barrier_destroy(&both);
    }
    return 0;
}
