/* explore: class=ok level=0
 *
 * An assertion that holds in either order.
 */
#include "../crew.h"
#include <assert.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static int value; /* guarded by lock */

static void *writer(void *number)
{
    (void)number;
    pthread_mutex_lock(&lock);
    value = 7;
    pthread_mutex_unlock(&lock);
    return NULL;
}

static void *reader(void *number)
{
    (void)number;
    pthread_mutex_lock(&lock);
    assert(value == 0 || value == 7);
    pthread_mutex_unlock(&lock);
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
