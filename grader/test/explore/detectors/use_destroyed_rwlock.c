/* explore: class=misuse level=0
 *
 * A read-write lock is read-locked after it has been destroyed.
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

    pthread_rwlock_wrlock(&lock);
    pthread_rwlock_unlock(&lock);
    pthread_rwlock_destroy(&lock);
    crew_start(&crew, 1, reader);
    crew_join(&crew);
    return 0;
}
