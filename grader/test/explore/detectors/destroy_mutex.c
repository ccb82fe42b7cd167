/* explore: class=misuse level=0
 *
 * A mutex is destroyed while the thread that uses it may hold it.
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
    pthread_mutex_destroy(&lock);
    crew_join(&crew);
    return 0;
}
