/* explore: class=thread-leak level=0
 *
 * Main ends while a detached thread still waits for a signal that nobody will give.
 */
#include <pthread.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t more = PTHREAD_COND_INITIALIZER; /* work > 0 */
static int work;                                       /* guarded by lock */

static void *worker(void *arg)
{
    pthread_mutex_lock(&lock);
    while (work == 0)
        pthread_cond_wait(&more, &lock);
    work--;
    pthread_mutex_unlock(&lock);
    return arg;
}

int main(void)
{
    pthread_t thread;

    pthread_create(&thread, NULL, worker, NULL);
    pthread_detach(thread);
    return 0;
}
