/* A thread leaves by the wrong door, and keeps the lock.
 *
 * - helgrind: misuse: Line {start} started a thread that has ended while it held a lock.
 */
#include <pthread.h>
#include <stdio.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static void *task(void *arg)
{
    pthread_mutex_lock(&lock);
    if (arg)
        return arg;
    pthread_mutex_unlock(&lock);
    return NULL;
}

int main(void)
{
    pthread_t thread;

    pthread_create(&thread, NULL, task, &lock); /* {start} */
    pthread_join(thread, NULL);
    puts("done");
    return 0;
}
