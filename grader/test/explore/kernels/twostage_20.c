/* explore: class=wrong-result level=0
 *
 * two-stage with 20 threads: 19 writers set `first` under one lock and `second` from it under another. The
 * reader takes it that whoever sees the first stage will see the second: not when it comes between the two.
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
    pthread_mutex_unlock(&first_lock);
    pthread_mutex_lock(&second_lock);
    second = 2;
    pthread_mutex_unlock(&second_lock);
    return NULL;
}

static void *reader(void *number)
{
    (void)number;
    pthread_mutex_lock(&first_lock);
    int seen = first;
    pthread_mutex_unlock(&first_lock);
    if (seen == 0)
        return NULL;
    pthread_mutex_lock(&second_lock);
    assert(second == seen + 1);
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
