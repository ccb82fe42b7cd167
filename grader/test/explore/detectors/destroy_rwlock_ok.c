/* explore: class=ok level=0
 *
 * A read-write lock is destroyed when both readers have ended.
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
    crew_join(&crew);
    pthread_rwlock_destroy(&lock);
    return 0;
}
