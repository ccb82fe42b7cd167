/* explore: class=thread-leak level=0
 *
 * A thread that is neither joined nor detached.
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
    return 0;
}
