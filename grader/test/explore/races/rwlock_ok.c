/* explore: class=ok level=0
 *
 * A read-write lock, taken for writing by the one that writes.
 */
#include "../crew.h"

/* Not static: the compiler would see that nothing depends on them, and leave the accesses out. */
int value, seen;
static pthread_rwlock_t lock = PTHREAD_RWLOCK_INITIALIZER; /* guards value */

static void *writer(void *number)
{
    (void)number;
    pthread_rwlock_wrlock(&lock);
    value = 1;
    pthread_rwlock_unlock(&lock);
    return NULL;
}

static void *reader(void *number)
{
    (void)number;
    pthread_rwlock_rdlock(&lock);
    seen = value;
    pthread_rwlock_unlock(&lock);
    return NULL;
}

int main(void)
{
    struct crew crew = {.count = 0};

    crew_start(&crew, 1, writer);
    crew_start(&crew, 1, reader);
    crew_join(&crew);
    return 0;
}
