/* An unlock too much.
 *
 * - tsan: misuse: Line {unlock} unlocks `lock`, a mutex that this thread has not locked.
 * - helgrind: misuse: Line {unlock} unlocks `lock`, a mutex that nobody has locked.
 */
#include <pthread.h>
#include <stdio.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

int main(void)
{
    pthread_mutex_lock(&lock);
    pthread_mutex_unlock(&lock);
    pthread_mutex_unlock(&lock); /* {unlock} */
    puts("done");
    return 0;
}
