/* explore: class=ok level=0
 *
 * A read-write lock is destroyed, and what lies there is made anew, by a call and by an initialiser.
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

    pthread_rwlock_destroy(&lock);
    pthread_rwlock_init(&lock, NULL);
    pthread_rwlock_destroy(&lock);
    lock = (pthread_rwlock_t)PTHREAD_RWLOCK_INITIALIZER;
    crew_start(&crew, 2, reader);
    crew_join(&crew);
    pthread_rwlock_destroy(&lock);
    return 0;
}
