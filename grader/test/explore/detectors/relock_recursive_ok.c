/* explore: class=ok level=0
 *
 * A recursive mutex may be locked again by its holder.
 */
#define _GNU_SOURCE /* for the initialiser */
#include "../crew.h"
#include <errno.h>

static pthread_mutex_t lock = PTHREAD_RECURSIVE_MUTEX_INITIALIZER_NP;

static void *visitor(void *number)
{
    (void)number;
    pthread_mutex_lock(&lock);
    pthread_mutex_lock(&lock);
    pthread_mutex_unlock(&lock);
    pthread_mutex_unlock(&lock);
    return NULL;
}

int main(void)
{
    struct crew crew = {.count = 0};

    crew_start(&crew, 2, visitor);
    crew_join(&crew);
    return 0;
}
