/* explore: class=misuse level=0
 *
 * A spin lock is destroyed while a thread may hold it.
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
    crew_start(&crew, 2, hold);
    pthread_join(crew.thread[0], NULL);
    pthread_spin_destroy(&lock);
    pthread_join(crew.thread[1], NULL);
    return 0;
}
