/* explore: class=deadlock level=0
 *
 * Reader-writer upgrade in place: the write lock is asked for while the read lock is held, and so the thread
 * waits for itself to stop reading. It does not happen when the other one has made the entry before.
 */
#include "../crew.h"

static pthread_rwlock_t lock = PTHREAD_RWLOCK_INITIALIZER;
static int entries; /* guarded by lock */

static void *insert(void *number)
{
    (void)number;
    pthread_rwlock_wrlock(&lock);
    entries++;
    pthread_rwlock_unlock(&lock);
    return NULL;
}

static void *find_or_insert(void *number)
{
    (void)number;
    pthread_rwlock_rdlock(&lock);
    if (entries == 0) {
        pthread_rwlock_wrlock(&lock);
        entries++;
    }
    pthread_rwlock_unlock(&lock);
    return NULL;
}

int main(void)
{
    struct crew crew = {.count = 0};

    crew_start(&crew, 1, insert);
    crew_start(&crew, 1, find_or_insert);
    crew_join(&crew);
    return 0;
}
