/* explore: class=race level=0
 *
 * Each has a lock, but not the same.
 */
#include "../crew.h"

/* Not static: the compiler would see that nothing depends on them, and leave the accesses out. */
int value, seen;
static pthread_mutex_t one = PTHREAD_MUTEX_INITIALIZER, other = PTHREAD_MUTEX_INITIALIZER;

static void *writer(void *number)
{
    (void)number;
    pthread_mutex_lock(&one);
    value = 1;
    pthread_mutex_unlock(&one);
    return NULL;
}

static void *reader(void *number)
{
    (void)number;
    pthread_mutex_lock(&other);
    seen = value;
    pthread_mutex_unlock(&other);
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
