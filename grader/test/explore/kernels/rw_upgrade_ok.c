/* explore: class=ok level=0
 *
 * Reader-writer upgrade, right: under the write lock it is looked up again.
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
    if (entries == 0)
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
