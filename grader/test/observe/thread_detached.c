/* Near miss: one thread is joined, the other was told to look after itself.
 *
 * - tsan: none
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
    pthread_t joined, detached;

    pthread_create(&joined, NULL, task, NULL);
    pthread_create(&detached, NULL, task, NULL);
    pthread_detach(detached);
    pthread_join(joined, NULL);
    usleep(200000);
    puts("done");
    return 0;
}
