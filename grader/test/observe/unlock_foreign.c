/* One thread locks, another unlocks.
 *
 * - tsan: misuse: Line {unlock} unlocks `lock`, a mutex that this thread has not locked.
 * - helgrind: misuse: Line {unlock} unlocks `lock`, a mutex that another thread has locked.
 */
#include <pthread.h>
#include <stdio.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static void *task(void *arg)
{
    pthread_mutex_unlock(&lock); /* {unlock} */
    return arg;
}

int main(void)
{
    pthread_t thread;

    pthread_mutex_lock(&lock);
    pthread_create(&thread, NULL, task, NULL);
    pthread_join(thread, NULL);
    puts("done");
    return 0;
}
