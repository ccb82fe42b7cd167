/* explore: class=misuse level=0
 *
 * A spin lock is taken after it has been destroyed.
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
    pthread_spin_destroy(&lock);
    crew_start(&crew, 1, hold);
    crew_join(&crew);
    return 0;
}
