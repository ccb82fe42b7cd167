/* explore: class=wrong-result level=0
 *
 * Reader-writer upgrade: the read lock is given back before the write lock is taken, and what was looked up
 * in between is not looked up again.
 */
#include "../crew.h"
#include <assert.h>

static pthread_rwlock_t lock = PTHREAD_RWLOCK_INITIALIZER;
static int entries; /* guarded by lock; one at most */

static void *find_or_insert(void *number)
{
    (void)number;
    pthread_rwlock_rdlock(&lock);
    int found = entries;
    pthread_rwlock_unlock(&lock);
    if (found)
        return NULL;
    pthread_rwlock_wrlock(&lock);
    entries++;
    pthread_rwlock_unlock(&lock);
    return NULL;
}

int main(void)
{
    struct crew crew = {.count = 0};

    crew_start(&crew, 2, find_or_insert);
    crew_join(&crew);
    assert(entries == 1);
    return 0;
}
