/* explore: class=ok level=0
 *
 * A spin lock is unlocked by main only when its attempt to lock has succeeded.
 */
#include "../crew.h"

static pthread_spinlock_t lock;

static void *hold(void *number)
{
    pthread_spin_lock(&lock);
    pthread_spin_unlock(&lock);
    return number;
}

int main(void)
{
    struct crew crew = {.count = 0};

    pthread_spin_init(&lock, 0);
    crew_start(&crew, 1, hold);
    if (pthread_spin_trylock(&lock) == 0)
        pthread_spin_unlock(&lock);
    crew_join(&crew);
    return 0;
}
