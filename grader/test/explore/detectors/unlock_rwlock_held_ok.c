/* explore: class=ok level=0
 *
 * Readers lock twice and unlock twice, writers once; main tries, and gives back only what it got.
 */
#include "../crew.h"

static pthread_rwlock_t lock = PTHREAD_RWLOCK_INITIALIZER;

static void *reader(void *number)
{
    pthread_rwlock_rdlock(&lock);
    pthread_rwlock_rdlock(&lock);
    pthread_rwlock_unlock(&lock);
    pthread_rwlock_unlock(&lock);
    return number;
}

int main(void)
{
    struct crew crew = {.count = 0};

    crew_start(&crew, 2, reader);
    if (pthread_rwlock_trywrlock(&lock) == 0)
        pthread_rwlock_unlock(&lock);
    if (pthread_rwlock_tryrdlock(&lock) == 0)
        pthread_rwlock_unlock(&lock);
    crew_join(&crew);
    return 0;
}
