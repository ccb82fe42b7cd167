/* explore: class=deadlock level=0
 *
 * Two readers both want to become writers without letting go: each waits until nobody reads.
 */
#include "../crew.h"

static pthread_rwlock_t lock = PTHREAD_RWLOCK_INITIALIZER;

static void *upgrade(void *number)
{
    pthread_rwlock_rdlock(&lock);
    pthread_rwlock_wrlock(&lock);
    pthread_rwlock_unlock(&lock);
    return number;
}

int main(void)
{
    struct crew crew = {.count = 0};

    crew_start(&crew, 2, upgrade);
    crew_join(&crew);
    return 0;
}
