/* explore: class=ok level=0
 *
 * A mutex orders the two.
 */
#include "../crew.h"

/* Not static: the compiler would see that nothing depends on them, and leave the accesses out. */
int value, seen;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER; /* guards value */

static void *writer(void *number)
{
    (void)number;
    pthread_mutex_lock(&lock);
    value = 1;
    pthread_mutex_unlock(&lock);
    return NULL;
}

static void *reader(void *number)
{
    (void)number;
    pthread_mutex_lock(&lock);
    seen = value;
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
