/* A thread that nobody joins.
 *
 * - tsan: thread-leak: The thread that line {start} started has ended, and nobody joined or detached it.
 * - memcheck: none
 */
#include <pthread.h>
#include <stdio.h>
#include <unistd.h>

static void *task(void *arg)
{
    return arg;
}

int main(void)
{
    pthread_t thread;

    pthread_create(&thread, NULL, task, NULL); /* {start} */
    usleep(200000);
    puts("done");
    return 0;
}
