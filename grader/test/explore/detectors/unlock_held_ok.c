/* explore: class=ok level=0
 *
 * A mutex that is unlocked only when the try has locked it.
 */
#include "../crew.h"
#include <errno.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static void *visitor(void *number)
{
    (void)number;
    if (pthread_mutex_trylock(&lock) == 0)
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
