/* Near miss: a thread still runs at the end. Its thread-local storage looks "possibly lost"; the thread
 * itself is the census's to find.
 *
 * - memcheck: none
 * - memcheck log: Leak_PossiblyLost
 * - memory: none
 */
#include <pthread.h>
#include <stdio.h>
#include <unistd.h>

static void *task(void *arg)
{
    for (;;)
        pause();
    return arg;
}

int main(void)
{
    pthread_t thread;

    pthread_create(&thread, NULL, task, NULL);
    puts("done");
    return 0;
}
