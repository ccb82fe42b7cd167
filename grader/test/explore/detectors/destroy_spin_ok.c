/* explore: class=ok level=0
 *
 * A spin lock is destroyed when nobody uses it any more, and made anew.
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
    for (int i = 0; i < 2; i++) {
        struct crew crew = {.count = 0};
        pthread_spin_init(&lock, 0);
        crew_start(&crew, 2, hold);
        crew_join(&crew);
        pthread_spin_destroy(&lock);
    }
    return 0;
}
