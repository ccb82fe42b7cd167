/* explore: class=misuse level=0
 *
 * A read-write lock is destroyed while a thread may still read.
 */
#include "../crew.h"

static pthread_rwlock_t lock = PTHREAD_RWLOCK_INITIALIZER;

static void *reader(void *number)
{
    pthread_rwlock_rdlock(&lock);
    pthread_rwlock_unlock(&lock);
    return number;
}

int main(void)
{
    struct crew crew = {.count = 0};

    crew_start(&crew, 2, reader);
    pthread_join(crew.thread[0], NULL);
    pthread_rwlock_destroy(&lock);
    pthread_join(crew.thread[1], NULL);
    return 0;
}
