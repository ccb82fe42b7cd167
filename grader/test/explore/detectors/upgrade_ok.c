/* explore: class=ok level=0
 *
 * Readers become writers by letting go first.
 */
#include "../crew.h"

static pthread_rwlock_t lock = PTHREAD_RWLOCK_INITIALIZER;

static void *upgrade(void *number)
{
    pthread_rwlock_rdlock(&lock);
    pthread_rwlock_unlock(&lock);
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
