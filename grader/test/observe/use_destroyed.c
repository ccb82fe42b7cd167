/* A mutex is used after its end.
 *
 * - tsan: misuse: Line {lock} uses `lock`, a mutex that was never initialised, or has been destroyed.
 * - helgrind: misuse: Line {lock} calls `pthread_mutex_lock`, which refuses with EINVAL.
 */
#include <pthread.h>
#include <stdio.h>

int main(void)
{
    static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

    pthread_mutex_lock(&lock);
    pthread_mutex_unlock(&lock);
    pthread_mutex_destroy(&lock);
    pthread_mutex_lock(&lock); /* {lock} */
    puts("done");
    return 0;
}
