/* explore: class=ok level=1
 *
 * reorder with 10 threads, set right: a and b change, and are read, under one lock.
 */
#include "../crew.h"
#include <assert.h>

enum { SETTERS = 9 };

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static int a, b; /* guarded by lock */

static void *setter(void *number)
{
    (void)number;
    pthread_mutex_lock(&lock);
    a = 1;
    b = -1;
    pthread_mutex_unlock(&lock);
    return NULL;
}

static void *checker(void *number)
{
    (void)number;
    pthread_mutex_lock(&lock);
    if (a == 1)
        assert(b == -1);
    pthread_mutex_unlock(&lock);
    return NULL;
}

int main(void)
{
    struct crew crew = {.count = 0};

    crew_start(&crew, SETTERS, setter);
    crew_start(&crew, 1, checker);
    crew_join(&crew);
    return 0;
}
