/* explore: class=ok level=0
 *
 * An error-checking mutex: to unlock what is not held is an error that the program is told.
 */
#define _GNU_SOURCE /* for the initialiser */
#include "../crew.h"
#include <errno.h>

static pthread_mutex_t lock = PTHREAD_ERRORCHECK_MUTEX_INITIALIZER_NP;

static void *visitor(void *number)
{
    (void)number;
    if (pthread_mutex_unlock(&lock) != EPERM)
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
