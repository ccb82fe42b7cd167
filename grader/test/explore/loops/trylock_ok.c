/* explore: class=ok
 *
 * A thread tries to lock until it succeeds, without a pause; the other holds the lock for some steps.
 */
#include "../crew.h"
#include <stdatomic.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static atomic_int work;

static void *insist(void *number)
{
    while (pthread_mutex_trylock(&lock) != 0)
        ;
    atomic_fetch_add(&work, 1);
    pthread_mutex_unlock(&lock);
    return number;
}

static void *hold(void *number)
{
    pthread_mutex_lock(&lock);
    for (int i = 0; i < 5; i++)
        atomic_fetch_add(&work, 1);
    pthread_mutex_unlock(&lock);
    return number;
}

int main(void)
{
    struct crew crew = {.count = 0};

    crew_start(&crew, 2, insist);
    crew_start(&crew, 1, hold);
    crew_join(&crew);
    return 0;
}
