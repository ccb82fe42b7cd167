/* explore: class=misuse level=0
 *
 * A thread unlocks a read-write lock that only others read.
 */
#include "../crew.h"

static pthread_rwlock_t lock = PTHREAD_RWLOCK_INITIALIZER;
static pthread_barrier_t both;

static void *reader(void *number)
{
    if (number == NULL)
        pthread_rwlock_rdlock(&lock);
    pthread_barrier_wait(&both);
    if (number != NULL)
        pthread_rwlock_unlock(&lock);
    return NULL;
}

int main(void)
{
    struct crew crew = {.count = 0};

    pthread_barrier_init(&both, NULL, 2);
    crew_start(&crew, 2, reader);
    crew_join(&crew);
    return 0;
}
