/* explore: class=ok level=0
 *
 * A thread that is detached.
 */
#include <pthread.h>

static void *worker(void *arg)
{
    return arg;
}

int main(void)
{
    pthread_t thread;

    pthread_create(&thread, NULL, worker, NULL);
    pthread_detach(thread);
    return 0;
}
