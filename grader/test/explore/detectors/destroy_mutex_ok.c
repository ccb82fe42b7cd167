/* explore: class=ok level=0
 *
 * A mutex is destroyed when the thread that uses it has been joined.
 */
#include "../crew.h"

static pthread_mutex_t lock;

static void *user(void *number)
{
    (void)number;
    pthread_mutex_lock(&lock);
    pthread_mutex_unlock(&lock);
    return NULL;
}

int main(void)
{
    struct crew crew = {.count = 0};

    pthread_mutex_init(&lock, NULL);
    crew_start(&crew, 1, user);
    crew_join(&crew);
    pthread_mutex_destroy(&lock);
    return 0;
}
