/* explore: class=ok level=0
 *
 * A condition variable and its mutex order the two.
 */
#include "../crew.h"

/* Not static: the compiler would see that nothing depends on them, and leave the accesses out. */
int value, seen;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t written = PTHREAD_COND_INITIALIZER; /* is_written */
static int is_written;                                    /* guarded by lock */

static void *writer(void *number)
{
    (void)number;
    value = 1;
    pthread_mutex_lock(&lock);
    is_written = 1;
    pthread_cond_signal(&written);
    pthread_mutex_unlock(&lock);
    return NULL;
}

static void *reader(void *number)
{
    (void)number;
    pthread_mutex_lock(&lock);
    while (!is_written)
        pthread_cond_wait(&written, &lock);
    pthread_mutex_unlock(&lock);
    seen = value;
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
