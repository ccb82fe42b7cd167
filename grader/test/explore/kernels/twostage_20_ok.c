/* explore: class=ok level=0
 *
 * two-stage with 20 threads, right: the second stage is taken before the first is given back, so that nobody
 * comes between.
 */
#include "../crew.h"
#include <assert.h>

enum { WRITERS = 19 };

static pthread_mutex_t first_lock = PTHREAD_MUTEX_INITIALIZER, second_lock = PTHREAD_MUTEX_INITIALIZER;
static int first;  /* guarded by first_lock */
static int second; /* guarded by second_lock */

static void *writer(void *number)
{
    (void)number;
    pthread_mutex_lock(&first_lock);
    first = 1;
    pthread_mutex_lock(&second_lock);
    pthread_mutex_unlock(&first_lock);
    second = 2;
    pthread_mutex_unlock(&second_lock);
    return NULL;
}

static void *reader(void *number)
{
    (void)number;
    pthread_mutex_lock(&first_lock);
    int seen = first;
    pthread_mutex_lock(&second_lock);
    pthread_mutex_unlock(&first_lock);
    assert(seen == 0 || second == seen + 1);
    pthread_mutex_unlock(&second_lock);
    return NULL;
}

int main(void)
{
    struct crew crew = {.count = 0};

    crew_start(&crew, WRITERS, writer);
    crew_start(&crew, 1, reader);
    crew_join(&crew);
    return 0;
}
